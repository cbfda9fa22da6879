import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../program.ts';

const guard = fileURLToPath(new URL('guard.ts', import.meta.url));
const readyMsMax = 120_000;
const pollMs = 25;
const stopMsMax = 20_000;
const linesShown = 20;

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Besides what any program needs. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GuardOptions {
  /** File that the output is appended to. */
  readonly log: string;
  /** Removed when this process dies before the server has ended; undefined when the data are to stay. */
  readonly throwAway: string | undefined;
}

/** A server process that ends when this process does, whatever ends it: guard.ts stands between them. */
export class GuardedProcess {
  readonly pid: number;
  readonly #title: string;
  readonly #log: string;
  readonly #guard: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(pid: number, title: string, log: string, child: ChildProcess, ended: Promise<unknown>) {
    this.pid = pid;
    this.#title = title;
    this.#log = log;
    this.#guard = child;
    this.#ended = ended;
  }

  static async begin(program: Program, { log, throwAway }: GuardOptions): Promise<GuardedProcess> {
    const { command, args, env = {} } = program;
    const child = spawn(process.execPath, [guard, log, throwAway ?? 'KEEP', command, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: cleanEnvironment(env),
      // Ctrl-C goes to everything that the terminal started: how the server ends is decided here.
      detached: true,
    });
    const ended = once(child, 'exit');
    const pid = await firstLine(child);
    if (!/^[1-9]\d*$/u.test(pid)) throw new Error(`${command} could not be started:\n${lastLines(log)}`);
    return new GuardedProcess(Number(pid), command, log, child, ended);
  }

  get hasEnded(): boolean {
    return this.#guard.exitCode !== null || this.#guard.signalCode !== null;
  }

  /** Waits until the condition holds. @throws with the end of its log when the server ends before, or takes too long */
  async until(condition: () => Promise<boolean>): Promise<void> {
    const late = AbortSignal.timeout(readyMsMax);
    while (!(await condition())) {
      if (this.hasEnded) throw new Error(`${this.#title} ended before it answered:\n${lastLines(this.#log)}`);
      if (late.aborted) throw new Error(`${this.#title} did not answer within 2 minutes:\n${lastLines(this.#log)}`);
      await setTimeout(pollMs);
    }
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  /** SIGKILL, as a crash would end it. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM, heeded even under SIGSTOP; and SIGKILL if it takes too long. */
  async stop(): Promise<void> {
    this.#signal('SIGTERM');
    this.#signal('SIGCONT');
    const done = new AbortController();
    const late = setTimeout(stopMsMax, undefined, { signal: done.signal }).then(
      () => this.#signal('SIGKILL'),
      () => undefined,
    );
    await this.#ended;
    done.abort();
    await late;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.hasEnded) return;
    try {
      process.kill(this.pid, signal);
    } catch {
      // It has ended just now.
    }
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!said.includes('\n') && child.exitCode === null && child.signalCode === null) await setTimeout(5);
  return said.trim();
}

function lastLines(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-linesShown).join('\n');
}
