import { type Job as StoredJob, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { newId, systemClock } from '#kernel';

export interface StoredJobsOptions {
  readonly type: string;
  readonly prefix: string;
  /** What all keys of the job type begin with. */
  readonly base: string;
  /** Both wait for Redis to come back; `blocking` carries nothing but the wait for jobs. */
  readonly redis: Redis;
  readonly blocking: Redis;
  /** A job whose worker has not renewed its lock for so long is taken from it. */
  readonly lockMs: number;
  /** A job that ended its worker's process more often than this fails. */
  readonly stalledMax: number;
  readonly onTrouble: (thrown: unknown) => void;
}

/** An idle worker looks at least so often, should a wake-up get lost. */
const idleMaxMs = 5000;

/**
 * Takes jobs of one type from Redis, many at once, and holds them: their locks are renewed until they are let go. Jobs of
 * processes that died come back by themselves.
 */
export class StoredJobs {
  readonly #options: StoredJobsOptions;
  readonly #worker: Worker;
  readonly #token = newId();
  readonly #held = new Set<string>();
  readonly #renewal: NodeJS.Timeout;
  readonly #rescue: NodeJS.Timeout;

  constructor(options: StoredJobsOptions) {
    this.#options = options;
    const { type, prefix, redis, lockMs, stalledMax, onTrouble } = options;
    this.#worker = new Worker(type, null, {
      connection: redis,
      prefix,
      autorun: false,
      lockDuration: lockMs,
      // A little less than ours, whose every round would else find that it is too early.
      stalledInterval: Math.floor(lockMs * 0.4),
      skipStalledCheck: true,
      maxStalledCount: stalledMax,
      skipLockRenewal: true,
      skipVersionCheck: true,
    });
    this.#worker.on('error', onTrouble);
    this.#renewal = setInterval(() => void this.#renew(), lockMs / 3);
    // BullMQ's own timer cannot be cleared while Redis is away.
    this.#rescue = setInterval(() => void this.#rescueStalled(), lockMs / 2);
  }

  /** Proves to Redis that the jobs are ours. */
  get token(): string {
    return this.#token;
  }

  /** Up to `count` jobs, those that are next. Waits some seconds for the first one; empty when none came. */
  async take(count: number): Promise<readonly StoredJob[]> {
    const first = await this.#next();
    if (first === undefined) {
      await this.#idle();
      return [];
    }
    if (count === 1) return [first];
    const { redis, base } = this.#options;
    const [listed, prioritized] = await Promise.all([redis.llen(`${base}wait`), redis.zcard(`${base}prioritized`)]);
    const more = Math.min(listed + prioritized, count - 1);
    const taken = await Promise.allSettled(Array.from({ length: more }, async () => await this.#next()));
    // What one of them failed to get is left where it was, or comes back when its lock runs out.
    for (const one of taken) if (one.status === 'rejected') this.#options.onTrouble(one.reason);
    return [first, ...taken.flatMap((one) => (one.status === 'fulfilled' ? (one.value ?? []) : []))];
  }

  /** Puts jobs that were not begun back to where they were. */
  async giveBack(jobs: readonly StoredJob[]): Promise<void> {
    // The last first: each goes to the head of its line.
    for (const job of jobs.toReversed()) {
      await job.moveToWait(this.#token).catch(this.#options.onTrouble);
      this.letGo([job]);
    }
  }

  /** Their locks are no longer renewed. */
  letGo(jobs: readonly StoredJob[]): void {
    for (const { id } of jobs) this.#held.delete(id ?? '');
  }

  /** Ends a wait for jobs. Afterwards nothing can be taken. */
  wake(): void {
    this.#options.blocking.disconnect();
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    clearInterval(this.#rescue);
    await this.#worker.close(true);
  }

  async #next(): Promise<StoredJob | undefined> {
    const job: StoredJob | undefined = await this.#worker.getNextJob(this.#token, { block: false });
    if (job?.id !== undefined) this.#held.add(job.id);
    return job;
  }

  /** Until something is marked as waiting, a delayed job is due, or the time is up. */
  async #idle(): Promise<void> {
    const { redis, blocking, base } = this.#options;
    const [, score] = await redis.zrange(`${base}delayed`, '0', '0', 'WITHSCORES');
    const dueMs = score === undefined ? idleMaxMs : Number(score) / 0x1000 - systemClock.now();
    const waitMs = Math.min(idleMaxMs, dueMs);
    if (waitMs > 0) await blocking.bzpopmin(`${base}marker`, Math.max(waitMs, 5) / 1000);
  }

  /** Of whoever holds jobs and has not renewed their locks. One process does it for all: the first whose round it is. */
  async #rescueStalled(): Promise<void> {
    await this.#worker.getBackend().moveStalledJobsToWait().catch(this.#options.onTrouble);
  }

  async #renew(): Promise<void> {
    const ids = [...this.#held];
    if (ids.length === 0) return;
    const tokens = ids.map(() => this.#token);
    await this.#worker.extendJobLocks(ids, tokens, this.#options.lockMs).catch(this.#options.onTrouble);
  }
}
