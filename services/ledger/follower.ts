import { setTimeout } from 'node:timers/promises';
import type { LedgerBatch } from './ledger-batch.ts';
import type { Ledger } from './ledger.ts';

/** Something derived from the ledger: a catalog, an index. It keeps its position with its content. */
export interface Followed {
  /** How many entries it has taken in. */
  position(): number;

  /**
   * Takes in the entries from `position()` on and moves the position behind the batch, both or neither. The batch may
   * begin before the position when the position lies within it.
   */
  apply(batch: LedgerBatch): Promise<void>;
}

export interface FollowerOptions {
  /** How often to look for batches of other writers, in milliseconds; 1,000 by default. */
  readonly pollMs?: number;
  /** Told of each failure of the background run, which goes on with the next wake-up. */
  readonly onFailure?: (thrown: unknown) => void;
}

const defaultPollMs = 1000;

/** Feeds a `Followed`: woken by this process's commits, and by polling for those of others. Batches one at a time, in order. */
export class Follower implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #followed: Followed;
  readonly #options: FollowerOptions;
  #catchingUp: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  #wake = Promise.withResolvers<void>();

  constructor(ledger: Ledger, followed: Followed, options: FollowerOptions = {}) {
    this.#ledger = ledger;
    this.#followed = followed;
    this.#options = options;
  }

  /** How many committed entries, known to this process, are not taken in yet. */
  lag(): number {
    return Math.max(0, this.#ledger.head.size - this.#followed.position());
  }

  /**
   * Returns when everything that was committed when it was called is taken in. Calls at the same time share the work.
   * @throws what `apply` throws; LedgerFault `damaged`, `store-unavailable`
   */
  async catchUp(): Promise<void> {
    const target = this.#ledger.head.size;
    while (this.#followed.position() < target && !this.#stop.signal.aborted) {
      this.#catchingUp ??= this.#apply().finally(() => {
        this.#catchingUp = undefined;
      });
      await this.#catchingUp;
    }
  }

  /** Begins to follow in the background, until disposed of. */
  start(): void {
    this.#running ??= this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#wake.resolve();
    await this.#running;
    await this.#catchingUp?.catch(() => undefined);
  }

  async #apply(): Promise<void> {
    for await (const batch of this.#ledger.read(this.#followed.position())) {
      await this.#followed.apply(batch);
      if (this.#stop.signal.aborted) return;
    }
  }

  async #run(): Promise<void> {
    const stopListening = this.#ledger.onCommitted(() => this.#wake.resolve());
    while (!this.#stop.signal.aborted) {
      try {
        await this.#ledger.refresh();
        await this.catchUp();
      } catch (thrown) {
        this.#options.onFailure?.(thrown);
      }
      await this.#sleep();
    }
    stopListening();
  }

  async #sleep(): Promise<void> {
    const pause = new AbortController();
    const poll = setTimeout(this.#options.pollMs ?? defaultPollMs, undefined, { signal: pause.signal }).catch(
      () => undefined,
    );
    await Promise.race([this.#wake.promise, poll]);
    pause.abort();
    if (!this.#stop.signal.aborted) this.#wake = Promise.withResolvers<void>();
  }
}
