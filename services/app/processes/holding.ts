import { setTimeout } from 'node:timers/promises';
import type { Leases } from '#jobs';

const retryMs = 1000;

export interface HoldingOptions {
  readonly name: string;
  /** How soon another process may take over from one that died, in milliseconds. */
  readonly ttlMs: number;
  /** What others may read of the holder. */
  readonly text?: string;
  /** Told that the leases cannot be asked; it is tried again. */
  readonly onTrouble: (thrown: unknown) => void;
}

/**
 * Does something for as long as this process holds a lease, and waits for it otherwise, until disposed of. The work's signal
 * is aborted when the lease is lost.
 */
export class Holding implements AsyncDisposable {
  readonly #leases: Leases;
  readonly #options: HoldingOptions;
  readonly #work: (signal: AbortSignal) => Promise<void>;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(leases: Leases, options: HoldingOptions, work: (signal: AbortSignal) => Promise<void>) {
    this.#leases = leases;
    this.#options = options;
    this.#work = work;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#once(signal).catch((thrown: unknown) => {
        if (!signal.aborted) this.#options.onTrouble(thrown);
      });
      await setTimeout(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #once(stopping: AbortSignal): Promise<void> {
    const { name, text, ttlMs } = this.#options;
    await using lease = await this.#leases.take(name, { ttlMs, ...(text !== undefined && { text }) });
    if (lease === undefined) return;
    await this.#work(AbortSignal.any([stopping, lease.lost]));
  }
}
