import { setTimeout } from 'node:timers/promises';
import type { Leases } from '#jobs';
import { stopwatch } from '#kernel';

/** Whoever holds it commits for all; its text is the address at which. */
export const committerLease = 'committer';

const lookEveryMs = 500;
/** What was not confirmed for so long is not believed any more: then every process commits by itself. */
const believedMs = 5000;

/** Knows where the committer is without asking for each call, and without waiting for leases that do not answer. */
export class CommitterFinder implements AsyncDisposable {
  readonly #leases: Leases;
  readonly #own: ReadonlySet<string>;
  readonly #stopping = new AbortController();
  readonly #looking: Promise<void>;
  #found: { readonly address: string | undefined; readonly since: () => number } | undefined;

  /** @param own addresses of this process: what it commits it does not hand over */
  constructor(leases: Leases, own: ReadonlySet<string>) {
    this.#leases = leases;
    this.#own = own;
    this.#looking = this.#look();
  }

  /** Undefined where there is none, or where it is this process. */
  readonly address = async (): Promise<string | undefined> => {
    const found = this.#found;
    if (found?.address === undefined || found.since() > believedMs || this.#own.has(found.address)) return undefined;
    return await Promise.resolve(found.address);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#found = { address: await this.#leases.holder(committerLease), since: stopwatch() };
      } catch {
        // What was found last is believed for a while.
      }
      await setTimeout(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
