import { stopwatch } from '#kernel';
import { JobFault } from '../job-fault.ts';
import type { Lease } from '../leases.ts';

export interface RenewedLeaseParts {
  readonly name: string;
  readonly ttlMs: number;
  /** Since the time that `ttlMs` counts from, or before it. */
  readonly asked: () => number;
  /** False when it is no longer ours. */
  readonly renew: () => Promise<boolean>;
  readonly giveBack: () => Promise<void>;
  readonly onTrouble: (thrown: unknown) => void;
  readonly onEnd: () => void;
}

/** Renewed at this part of its time, and believed in until that part: what lies between is for slow answers and clocks. */
const renewedAfter = 0.25;
const believedFor = 0.75;

/** A lease that somebody else keeps for us, and that is renewed until it is given back or lost. */
export class RenewedLease implements Lease {
  readonly #parts: RenewedLeaseParts;
  readonly #lost = new AbortController();
  #age: () => number;
  #renewal: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(parts: RenewedLeaseParts) {
    this.#parts = parts;
    this.#age = parts.asked;
    this.#watch();
    this.#renewLater();
  }

  get name(): string {
    return this.#parts.name;
  }

  get held(): boolean {
    // Timers come late in a process that stood still: the clock decides.
    if (!this.#ended && this.#age() >= this.#believedMs) this.#lose('was not renewed in time');
    return !this.#ended;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#end();
    // Where that fails it falls free by itself.
    await this.#parts.giveBack().catch(this.#parts.onTrouble);
  }

  get #believedMs(): number {
    return this.#parts.ttlMs * believedFor;
  }

  /** A timer may also come early, since it counts from when this turn of the event loop began: then it is set again. */
  #watch(): void {
    clearTimeout(this.#deadline);
    const rest = Math.max(0, this.#believedMs - this.#age()) + 1;
    this.#deadline = setTimeout(() => (this.held ? this.#watch() : undefined), rest);
  }

  #renewLater(): void {
    this.#renewal = setTimeout(() => void this.#renew(), this.#parts.ttlMs * renewedAfter);
  }

  async #renew(): Promise<void> {
    const asked = stopwatch();
    try {
      const ours = await this.#parts.renew();
      if (!this.held) return;
      if (!ours) {
        this.#lose('is held by somebody else, or by nobody');
        return;
      }
      this.#age = asked;
      this.#watch();
    } catch (thrown) {
      this.#parts.onTrouble(thrown);
    }
    if (!this.#ended) this.#renewLater();
  }

  #lose(why: string): void {
    this.#end();
    const remedy = 'Take it again; what was begun may be done by somebody else as well.';
    this.#lost.abort(new JobFault('lease-lost', `the lease ${this.name} ${why}`, { remedy }));
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#renewal);
    clearTimeout(this.#deadline);
    this.#parts.onEnd();
  }
}
