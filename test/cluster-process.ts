import { setTimeout } from 'node:timers/promises';
import type { Muniment } from './muniment.ts';
import { ServedProgram } from './served-program.ts';

const restartPauseMs = 500;

/** `muniment serve` with one role, started again whenever it ends, as a container engine does. */
export class ClusterProcess implements AsyncDisposable {
  readonly #program: Muniment;
  readonly #role: string;
  readonly #running: Promise<void>;
  readonly #ends: string[] = [];
  #served = Promise.withResolvers<ServedProgram>();
  #now: ServedProgram | undefined;
  #token: string | undefined;
  #isKilled = false;
  #isOver = false;

  constructor(program: Muniment, role: string) {
    this.#program = program;
    this.#role = role;
    this.#running = this.#run();
  }

  /** What it said whenever it ended although nobody had killed it. A start that fails is tried again, and is not among them. */
  get ends(): readonly string[] {
    return this.#ends;
  }

  /** Only the first process of an archive is told one. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Its address, once it serves. */
  async serving(): Promise<string> {
    return (await this.#served.promise).url;
  }

  /** SIGKILL. `serving` then waits for the next one. */
  kill(): void {
    this.#isKilled = true;
    this.#now?.running.kill();
    this.#served = Promise.withResolvers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.kill();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#runOnce();
      } catch {
        // A server that it needs may be away just now.
        await setTimeout(restartPauseMs);
      }
    }
  }

  async #runOnce(): Promise<void> {
    const now = await ServedProgram.start(this.#program, this.#role);
    this.#now = now;
    this.#token ??= now.token;
    this.#isKilled = this.#isOver;
    if (this.#isOver) now.running.kill();
    this.#served.resolve(now);
    const { code, signal, stderr } = await now.running.ended();
    if (this.#isKilled) return;
    this.#ends.push(`ended with ${code ?? signal}: ${stderr.slice(-2000)}`);
    this.#served = Promise.withResolvers();
  }
}
