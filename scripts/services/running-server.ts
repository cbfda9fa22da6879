import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { GuardedProcess } from './guarded-process.ts';
import type { Recipe } from './recipe.ts';

export interface ServerPlace {
  /** What it keeps, and its log `server.log`. Made where absent. */
  readonly folder: string;
  /** Whether the folder goes with the server. */
  readonly throwAway: boolean;
  /** Any free one when absent. */
  readonly port?: number;
  readonly args?: readonly string[];
}

/** A real server on 127.0.0.1, which may be killed and started again on the same port and data. */
export class RunningServer implements AsyncDisposable {
  readonly url: string;
  readonly #recipe: Recipe;
  readonly #port: number;
  readonly #place: ServerPlace;
  #processes: GuardedProcess[] = [];

  private constructor(recipe: Recipe, port: number, place: ServerPlace) {
    this.url = `${recipe.scheme}://127.0.0.1:${port}`;
    this.#recipe = recipe;
    this.#port = port;
    this.#place = place;
  }

  /** Answers when the server does. */
  static async start(recipe: Recipe, place: ServerPlace): Promise<RunningServer> {
    const server = new RunningServer(recipe, place.port ?? (await freePort()), place);
    await server.start();
    return server;
  }

  /** Of the process that listens. */
  get pid(): number {
    const last = this.#processes.at(-1);
    if (last === undefined) throw new Error(`${this.#recipe.title} does not run`);
    return last.pid;
  }

  /** Starts it again. @throws when it runs, or when it does not answer */
  async start(): Promise<void> {
    if (this.#processes.length > 0) throw new Error(`${this.#recipe.title} runs already`);
    const { folder, throwAway, args = [] } = this.#place;
    await mkdir(folder, { recursive: true });
    const options = { log: join(folder, 'server.log'), throwAway: throwAway ? folder : undefined };
    try {
      await this.#recipe.launch({
        port: this.#port,
        folder,
        args,
        begin: async (program) => {
          const begun = await GuardedProcess.begin(program, options);
          this.#processes.push(begun);
          return begun;
        },
      });
    } catch (thrown) {
      await this[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** SIGKILL to all its processes, and waits. */
  async kill(): Promise<void> {
    const all = this.#taken();
    await Promise.all(all.map((one) => one.kill()));
  }

  /** SIGTERM, the process that listens first, and waits. */
  async stop(): Promise<void> {
    for (const one of this.#taken().reverse()) await one.stop();
  }

  /** Ends once a process of it has ended, by itself or on demand. */
  async ended(): Promise<void> {
    await Promise.race(this.#processes.map((one) => one.ended()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#place.throwAway) await rm(this.#place.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #taken(): GuardedProcess[] {
    const all = this.#processes;
    this.#processes = [];
    return all;
  }
}
