import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cleanEnvironment, program } from '../program.ts';

const stopSecondsMax = 15;

const announcement = z.object({ url: z.string(), token: z.string().default('') });

/** How a command ended. `text` is both streams as a terminal would have shown them. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly text: string;
}

/** A service that runs. */
export interface Service {
  readonly url: string;
  /** Empty where another process has shown it. */
  readonly token: string;
  /** Ends when the service does. */
  readonly ended: Promise<unknown>;
}

/** A temporary folder in which the program is run as a person would run it. Everything in it goes in the end. */
export class Workshop implements AsyncDisposable {
  readonly folder: string;
  /** What the program is run with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #running = new Set<ChildProcess>();
  readonly #signal: AbortSignal;

  private constructor(folder: string, environment: Readonly<Record<string, string>>, signal: AbortSignal) {
    this.folder = folder;
    this.environment = environment;
    this.#signal = signal;
  }

  /** @param environment of the program, which may name places in the folder */
  static async open(
    signal: AbortSignal,
    environment: (folder: string) => Readonly<Record<string, string>>,
  ): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-demo-'));
    return new Workshop(folder, environment(folder), signal);
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Runs `muniment` or another command to its end. */
  async run(words: readonly string[], folder = '.'): Promise<Ran> {
    const cwd = this.path(folder);
    await mkdir(cwd, { recursive: true });
    const child = this.#start(words, cwd, this.environment);
    let [stdout, text] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      text += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(child, 'close');
    this.#signal.throwIfAborted();
    return { code: child.exitCode, stdout, text };
  }

  /** Starts a process that serves, and waits until it answers. */
  async serve(
    words: readonly string[],
    environment: Readonly<Record<string, string>> = this.environment,
  ): Promise<Service & { readonly announced: string }> {
    const child = this.#start(words, this.folder, environment);
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    const ended = once(child, 'close');
    const line = await Promise.race([firstLine(child), ended.then(() => undefined)]);
    this.#signal.throwIfAborted();
    if (line === undefined) throw new Error(`The service did not start.\n${errors}`);
    const { url, token } = announcement.parse(JSON.parse(line));
    const answer = await fetch(`${url}/readyz`, { signal: this.#signal });
    if (!answer.ok) throw new Error(`The service answers ${answer.status} when asked whether it is ready.\n${errors}`);
    return { url, token, ended, announced: line };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((child) => stop(child)));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #start(words: readonly string[], cwd: string, environment: Readonly<Record<string, string>>): ChildProcess {
    const [file = '', ...args] = words[0] === 'muniment' ? [...program, ...words.slice(1)] : words;
    const child = spawn(file, args, { cwd, env: cleanEnvironment(environment), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    const forget = () => this.#running.delete(child);
    child.once('close', forget).once('error', forget);
    return child;
  }
}

/** The command that checks SHA256SUMS on this machine. */
export function checksumCommand(): readonly string[] {
  const isThere = spawnSync('sha256sum', ['--version'], { stdio: 'ignore' }).error === undefined;
  return isThere ? ['sha256sum'] : ['shasum', '-a', '256'];
}

/** The first line of standard output. Goes on reading, so that the service never waits for a full pipe. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.includes('\n')) return;
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
  });
}

/** Ctrl-C in a terminal has reached it already; a second signal changes nothing. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopSecondsMax * 1000);
  await ended;
  clearTimeout(timer);
}
