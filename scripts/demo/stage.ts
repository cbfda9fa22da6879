import { setTimeout } from 'node:timers/promises';

const pauseMs = 700;
const plain = { dim: '', bold: '', green: '', reset: '' };
const coloured = { dim: '\u001B[2m', bold: '\u001B[1m', green: '\u001B[32m', reset: '\u001B[0m' };

/** Where the tour is shown. Colour and pauses only where somebody is watching. */
export class Stage {
  readonly #style = process.stdout.isTTY ? coloured : plain;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  heading(text: string): void {
    this.say(`\n${this.#style.bold}${text}${this.#style.reset}`);
  }

  /** One sentence of why, and what a person would type. */
  prompt(why: string, command: string): void {
    this.say(`\n${this.#style.dim}# ${why}${this.#style.reset}`);
    this.say(`${this.#style.green}$${this.#style.reset} ${this.#style.bold}${command}${this.#style.reset}`);
  }

  /** What it answered, at most so many lines of it. */
  output(text: string, linesMax: number): void {
    const lines = text.trimEnd().split('\n');
    // One line more is no longer than the line that would stand for it.
    const shown = lines.length <= linesMax + 1 ? lines : lines.slice(0, linesMax);
    for (const line of shown) this.say(line);
    if (shown.length < lines.length) this.say(`… ${lines.length - shown.length} more lines`);
  }

  /** Time to read. */
  async pause(): Promise<void> {
    if (process.stdout.isTTY) await setTimeout(pauseMs, undefined, { signal: this.#signal });
  }
}

/** The words as they are typed in a POSIX shell. */
export function typed(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
