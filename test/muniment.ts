import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { commandHere } from './command-here.ts';
import { compileCache } from './compile-cache.ts';

const PROGRAM = fileURLToPath(new URL('../services/app/main.ts', import.meta.url));

/** As `bin/muniment.js` starts it. */
const NODE_FLAGS = ['--max-semi-space-size=8'];

const memorySampleMs = 15;

/** How a command ended. */
export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** The whole lines of standard output, parsed. */
  readonly json: readonly Readonly<Record<string, unknown>>[];
  /** Largest resident size that was seen, in bytes (Linux; elsewhere 0). */
  readonly peakBytes: number;
  readonly seconds: number;
}

/** When to kill a command: once it has changed that many things in the archive's folder, and some milliseconds later. */
export interface KillMoment {
  readonly changes: number;
  readonly ms: number;
  /** SIGKILL where absent. */
  readonly signal?: NodeJS.Signals;
}

/** A command that runs. */
export class Running {
  readonly process: ChildProcess;
  readonly #out: Buffer[] = [];
  #err = '';
  #peakBytes = 0;
  readonly #startedAt = performance.now();
  readonly #ended: Promise<unknown[]>;

  constructor(child: ChildProcess) {
    this.process = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#out.push(chunk));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#err += text));
    this.#ended = once(child, 'close');
  }

  get stderr(): string {
    return this.#err;
  }

  get stdout(): string {
    return Buffer.concat(this.#out).toString('utf8');
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.process.kill(signal);
  }

  /** Waits until `condition` holds or the command has ended. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.hasEnded) await setTimeout(5);
  }

  async ended(): Promise<Ran> {
    const watching = this.#watchMemory();
    const [code] = await this.#ended;
    await watching;
    const stdout = Buffer.concat(this.#out);
    return {
      code: typeof code === 'number' ? code : null,
      signal: this.process.signalCode,
      stdout,
      stderr: this.#err,
      json: linesOf(stdout.toString('utf8')),
      peakBytes: this.#peakBytes,
      seconds: (performance.now() - this.#startedAt) / 1000,
    };
  }

  /** VmHWM never falls, so the last sample is the largest. */
  async #watchMemory(): Promise<void> {
    while (!this.hasEnded) {
      this.#peakBytes = Math.max(this.#peakBytes, residentPeak(this.process.pid ?? 0));
      await setTimeout(memorySampleMs);
    }
  }
}

function residentPeak(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function linesOf(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? [{ ...value }] : [];
  });
}

export interface MunimentOptions {
  readonly copyOf?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that the program runs under: `unprivileged`, for one that must be held to permissions. */
  readonly under?: readonly string[];
}

type Surroundings = Required<Omit<MunimentOptions, 'copyOf'>>;

/** The program on an archive in a temporary folder. */
export class Muniment implements AsyncDisposable {
  /** Holds the archive and whatever else a test needs; removed at the end. */
  readonly folder: string;
  readonly archive: string;
  readonly #surroundings: Surroundings;
  readonly #running = new Set<Running>();

  private constructor(folder: string, archive: string, surroundings: Surroundings) {
    this.folder = folder;
    this.archive = archive;
    this.#surroundings = surroundings;
  }

  /** With an archive that is still to be made, or with a copy of one that nothing has open. */
  static async make(options: MunimentOptions = {}): Promise<Muniment> {
    const { copyOf, env = {}, under = [] } = options;
    const folder = await mkdtemp(join(tmpdir(), 'muniment-e2e-'));
    const archive = join(folder, 'archive');
    if (copyOf !== undefined) await cp(copyOf, archive, { recursive: true, preserveTimestamps: true });
    return new Muniment(folder, archive, { env, under });
  }

  /** The same program on another archive in the same temporary folder. */
  on(archive: string, env: Readonly<Record<string, string>> = this.#surroundings.env): Muniment {
    return new Muniment(this.folder, archive, { ...this.#surroundings, env });
  }

  /** A path in the temporary folder. */
  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  start(...words: string[]): Running {
    const [command = '', ...args] = [
      ...this.#surroundings.under,
      process.execPath,
      ...NODE_FLAGS,
      PROGRAM,
      ...this.#typed(words),
    ];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.folder,
      env: { ...cleanEnvironment(), NODE_COMPILE_CACHE: compileCache, ...this.#surroundings.env },
    });
    const running = new Running(child);
    this.#running.add(running);
    child.once('close', () => this.#running.delete(running));
    return running;
  }

  /** Runs a command to its end: in this process, where that gives the same answer. */
  async run(...words: string[]): Promise<Ran> {
    return this.#isApart ? await this.apart(...words) : await this.#here(words);
  }

  /** Runs it in a process of its own: where its memory matters, or what processes do to each other. */
  async apart(...words: string[]): Promise<Ran> {
    return await this.start(...words).ended();
  }

  async #here(words: readonly string[]): Promise<Ran> {
    const startedAt = performance.now();
    const said = await commandHere(this.#typed(words), { folder: this.folder, env: this.#surroundings.env });
    const seconds = (performance.now() - startedAt) / 1000;
    return { ...said, signal: null, json: linesOf(said.stdout.toString('utf8')), peakBytes: 0, seconds };
  }

  get #isApart(): boolean {
    const { env, under } = this.#surroundings;
    return under.length > 0 || hasOtherCredentials(env);
  }

  #typed(words: readonly string[]): readonly string[] {
    const url = this.archive.startsWith('s3:') ? this.archive : `file:${this.archive}`;
    return [...words, '--json', '--archive', url];
  }

  /** Runs a command that must succeed. */
  async ok(...words: string[]): Promise<Ran> {
    return succeeded(words, await this.run(...words));
  }

  /** How many changes below its folder a command makes: what `KillMoment.changes` is chosen from. */
  async countChanges(...words: string[]): Promise<number> {
    let changes = 0;
    const watcher = await this.#watch(() => (changes += 1));
    succeeded(words, await this.apart(...words));
    watcher.close();
    return changes;
  }

  /** Runs a command and kills it at that moment, unless it is faster. */
  async killed(moment: KillMoment, ...words: string[]): Promise<Ran> {
    let changes = 0;
    const enough = Promise.withResolvers<void>();
    const watcher = await this.#watch(() => {
      changes += 1;
      if (changes >= moment.changes) enough.resolve();
    });
    try {
      const running = this.start(...words);
      const ending = running.ended();
      await Promise.race([enough.promise, ending]);
      if (moment.ms > 0) await Promise.race([setTimeout(moment.ms), ending]);
      running.kill(moment.signal);
      return await ending;
    } finally {
      watcher.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) {
      running.kill();
      await running.ended();
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Watches the whole temporary folder: archives, backups and exports lie in it. */
  async #watch(onChange: () => void): Promise<FSWatcher> {
    await mkdir(this.folder, { recursive: true });
    const watcher = watch(this.folder, { recursive: true, persistent: false }, onChange);
    watcher.on('error', () => {});
    return watcher;
  }
}

function succeeded(words: readonly string[], ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(`muniment ${words.join(' ')} ended with ${ran.code}: ${ran.stderr}`);
  return ran;
}

/** The client of S3 takes its credentials from the environment of the process, as everywhere. */
function hasOtherCredentials(env: Readonly<Record<string, string>>): boolean {
  return Object.entries(env).some(([name, value]) => name.startsWith('AWS_') && process.env[name] !== value);
}

/** What decides how the program behaves must come from the test alone. */
function cleanEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
