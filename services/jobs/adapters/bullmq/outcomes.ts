import type { Redis } from 'ioredis';
import { stopwatch } from '#kernel';
import type { JobOutcome } from '../../job-queue.ts';
import { forgetJobs, statesOf } from './ended-jobs.ts';
import type { OutcomesNotice } from './job-record.ts';

interface Expected {
  readonly type: string;
  readonly end: (outcome: JobOutcome) => void;
  /** Redis has confirmed that it took the job: from then on, that it does not know it means that it lost it. */
  taken: boolean;
}

export interface OutcomesOptions {
  readonly redis: Redis;
  readonly baseOf: (type: string) => string;
  /** How often Redis is asked how the jobs stand. */
  readonly pollMs: number;
  /** When Redis cannot be asked for so long, those who wait are told so. */
  readonly unreachableMs: number;
  readonly onTrouble: (thrown: unknown) => void;
}

/** Jobs looked up by one script: Redis serves nobody else meanwhile. */
const lookUpMax = 250;

/**
 * The outcomes that somebody in this process waits for. A notice by whoever ran the job brings them at once; since a
 * notice may be lost, and with a volatile Redis the job itself, Redis is also asked.
 */
export class Outcomes {
  readonly #options: OutcomesOptions;
  readonly #expected = new Map<string, Expected>();
  #timer: NodeJS.Timeout | undefined;
  #unheard = stopwatch();
  #closed = false;

  constructor(options: OutcomesOptions) {
    this.#options = options;
  }

  /** Before the job is handed over: it may end before Redis has confirmed that it took it. */
  expect(type: string, id: string): Promise<JobOutcome> {
    return new Promise((end) => {
      if (this.#expected.size === 0) this.#unheard = stopwatch();
      this.#expected.set(id, { type, end, taken: false });
      this.#schedule();
    });
  }

  taken(ids: readonly string[]): void {
    for (const id of ids) {
      const expected = this.#expected.get(id);
      if (expected !== undefined) expected.taken = true;
    }
  }

  /** Nobody waits for them any longer. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#expected.delete(id);
  }

  /** Hands the outcomes to those who wait, and removes from Redis what was kept for them only. */
  deliver({ type, outcomes }: OutcomesNotice): void {
    const kept: string[] = [];
    for (const outcome of outcomes) {
      const expected = this.#expected.get(outcome.id);
      if (expected === undefined) continue;
      this.#expected.delete(outcome.id);
      if (outcome.ok) kept.push(outcome.id);
      expected.end(outcome);
    }
    const { redis, baseOf, onTrouble } = this.#options;
    // What this does not reach, ages out.
    forgetJobs(redis, baseOf(type), 'completed', kept).catch(onTrouble);
  }

  /** Asks once more, then ends what is left with this error. */
  async close(error: string): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#lookUp().catch(this.#options.onTrouble);
    this.#endAll(error);
  }

  #endAll(error: string): void {
    for (const [id, { end }] of this.#expected) end({ id, ok: false, error, attempts: 0 });
    this.#expected.clear();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closed || this.#expected.size === 0) return;
    this.#timer = setTimeout(() => void this.#poll(), this.#options.pollMs);
  }

  async #poll(): Promise<void> {
    try {
      await this.#lookUp();
      this.#unheard = stopwatch();
    } catch (thrown) {
      this.#options.onTrouble(thrown);
      const silentMs = this.#unheard();
      if (silentMs > this.#options.unreachableMs) {
        this.#endAll(`the queue could not be reached for ${Math.round(silentMs / 1000)} seconds`);
      }
    } finally {
      this.#timer = undefined;
      this.#schedule();
    }
  }

  async #lookUp(): Promise<void> {
    const taken = [...this.#expected].filter(([, expected]) => expected.taken);
    const byType = Map.groupBy(taken, ([, expected]) => expected.type);
    for (const [type, expected] of byType) {
      const ids = expected.map(([id]) => id);
      for (let at = 0; at < ids.length; at += lookUpMax) await this.#lookUpSome(type, ids.slice(at, at + lookUpMax));
    }
  }

  async #lookUpSome(type: string, ids: readonly string[]): Promise<void> {
    const states = await statesOf(this.#options.redis, this.#options.baseOf(type), ids);
    const outcomes = states.flatMap((state, at): JobOutcome[] => {
      if (state === 'open') return [];
      return state === 'unknown' ? [lost(ids[at] ?? '')] : [state];
    });
    this.deliver({ type, outcomes });
  }
}

/** Redis was emptied or replaced. Whoever submitted the job still has what it was about, and may ask again. */
function lost(id: string): JobOutcome {
  return { id, ok: false, error: 'the queue lost it', attempts: 0 };
}
