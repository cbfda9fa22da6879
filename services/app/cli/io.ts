import { setTimeout } from 'node:timers';
import type { StandardOutput } from './standard-output.ts';

/** Where a command's answer goes: this process's streams, or the other end of the archive's socket. */
export interface Io {
  /** Whether results are JSON Lines. */
  readonly json: boolean;
  /** Aborted by Ctrl-C, SIGTERM, or the other end hanging up. */
  readonly signal: AbortSignal;
  /** One result: `value` as a line with --json, else `text` (nothing when empty). */
  result(value: object, text: string): void;
  /** Waits while the reader of results is slower than we are. @throws when the signal is aborted meanwhile */
  taken(): Promise<void>;
  /** Bytes as they are, on standard output. */
  bytes(chunk: Uint8Array): Promise<void>;
  /** For people, on standard error. */
  note(text: string): void;
  /** How far long work is. Shown where standard error is a terminal. */
  progress(progress: Progress): void;
}

export interface Progress {
  readonly what: string;
  readonly done: number;
  /** Undefined where it is not known. */
  readonly total?: number | undefined;
  readonly bytes?: number | undefined;
  /** Of which `bytes` are done; time left goes by it where the number of things is not known. */
  readonly bytesTotal?: number | undefined;
}

const frameMs = 200;

interface TerminalIoOptions {
  readonly json: boolean;
  readonly signal: AbortSignal;
  /** Milliseconds since the command began, for rates. */
  readonly elapsed: () => number;
  readonly output: StandardOutput;
}

/** Io on the process's own streams. */
export class TerminalIo implements Io {
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly #output: StandardOutput;
  readonly #startedAt: () => number;
  #shown = false;
  #pending: Progress | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TerminalIoOptions) {
    this.#output = options.output;
    this.json = options.json;
    this.signal = options.signal;
    this.#startedAt = options.elapsed;
  }

  result(value: object, text: string): void {
    this.#clear();
    if (this.json) this.#output.write(`${JSON.stringify(value)}\n`);
    else if (text !== '') this.#output.write(`${this.#output.isTerminal ? visible(text) : text}\n`);
  }

  taken(): Promise<void> {
    return this.#output.taken(this.signal);
  }

  async bytes(chunk: Uint8Array): Promise<void> {
    this.#clear();
    this.#output.write(chunk);
    await this.taken();
  }

  note(text: string): void {
    this.#clear();
    process.stderr.write(`${process.stderr.isTTY ? visible(text) : text}\n`);
  }

  progress(progress: Progress): void {
    if (!process.stderr.isTTY) return;
    this.#pending = progress;
    this.#timer ??= setTimeout(() => this.#draw(), frameMs);
    this.#timer.unref();
  }

  /** Takes the progress line away: the command is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#pending = undefined;
    this.#clear();
  }

  #draw(): void {
    this.#timer = undefined;
    const progress = this.#pending;
    if (progress === undefined) return;
    this.#pending = undefined;
    process.stderr.write(`\r\u001B[K${progressLine(progress, this.#startedAt())}`);
    this.#shown = true;
  }

  #clear(): void {
    if (this.#shown) process.stderr.write('\r\u001B[K');
    this.#shown = false;
  }
}

/** `Importing 12,000 of 50,863 · 2,950/s · 34 MB · 13 s left` */
export function progressLine(progress: Progress, elapsedMs: number): string {
  const { what, done, total, bytes, bytesTotal } = progress;
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const left = total === undefined ? timeLeft(bytes, bytesTotal, elapsedMs) : timeLeft(done, total, elapsedMs);
  const parts = [`${what} ${count(done)}${total === undefined ? '' : ` of ${count(total)}`}`];
  if (rate >= 1) parts.push(`${count(Math.round(rate))}/s`);
  if (bytes !== undefined) parts.push(bytesTotal === undefined ? size(bytes) : `${size(bytes)} of ${size(bytesTotal)}`);
  if (left !== undefined) parts.push(`${count(left)} s left`);
  return parts.join(' · ');
}

/** Seconds, at the rate so far; undefined where nothing is known of either. */
function timeLeft(done: number | undefined, total: number | undefined, elapsedMs: number): number | undefined {
  if (done === undefined || total === undefined || done === 0 || total <= done) return undefined;
  return Math.ceil(((total - done) * elapsedMs) / done / 1000);
}

/** A whole number with a comma before every three digits. Without `Intl`, whose first use takes 12 ms of each command. */
export function count(value: number): string {
  return String(value).replace(/(?<=\d)(?=(?:\d{3})+$)/gu, ',');
}

/** A number with its noun: `1 message`, `1,204 messages`. */
export function counted(value: number, noun: string, nouns = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

/** Bytes for people: `842 B`, `1.4 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/**
 * Text for a terminal that whoever wrote it cannot command: control characters as their pictures (Unicode block Control
 * Pictures) or numbers, those that turn the direction of writing as numbers. Line ends and tabs stay.
 */
export function visible(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, (control) => pictureOf(control.codePointAt(0) ?? 0));
}

function pictureOf(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\u{${code.toString(16)}}`;
}

/** Message text on a terminal or in a list: no control characters, on one line. */
export function shown(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}
