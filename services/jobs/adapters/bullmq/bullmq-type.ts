import { Queue, type Job as StoredJob } from 'bullmq';
import type { Redis } from 'ioredis';
import type { FailedJob, JobCounts, JobPayload } from '../../job-queue.ts';
import { admitJobs, type Admitted } from './admission.ts';
import { forgetJobs } from './ended-jobs.ts';
import { failedJobOf, recordName, type JobRecord } from './job-record.ts';

/** A job on its way in. Its id is ours: handed over twice, it is there once. */
export interface NewJob {
  readonly id: string;
  readonly payload: JobPayload;
}

export interface Handover {
  readonly partition: string;
  readonly delayMs: number;
  /** Who waits for the outcomes; undefined when nobody does. */
  readonly waiter: string | undefined;
}

/** All jobs of one type, as BullMQ keeps them. */
export class BullmqType {
  readonly #type: string;
  readonly #base: string;
  readonly #redis: Redis;
  readonly #queue: Queue;

  constructor(type: string, prefix: string, redis: Redis, onTrouble: (thrown: unknown) => void) {
    this.#type = type;
    this.#base = `${prefix}:${type}:`;
    this.#redis = redis;
    // Nobody reads BullMQ's own stream of events: a few are kept for whoever looks with its tools.
    const streams = { events: { maxLen: 100 } };
    this.#queue = new Queue(type, { connection: redis, prefix, streams, skipVersionCheck: true });
    this.#queue.on('error', onTrouble);
  }

  async admit(partition: string, count: number, waitingMax: number): Promise<Admitted> {
    return await admitJobs(this.#redis, this.#base, { partition, count, waitingMax });
  }

  /** Repeatable with the same jobs. */
  async add(jobs: readonly NewJob[], turns: readonly number[], handover: Handover): Promise<void> {
    const { partition, delayMs, waiter } = handover;
    await this.#queue.addBulk(
      jobs.map(({ id, payload }, at) => {
        const data: JobRecord = { p: payload, q: partition, ...(waiter !== undefined && { w: waiter }) };
        const opts = { jobId: id, priority: turns[at] ?? 1, ...(delayMs > 0 && { delay: delayMs }) };
        return { name: recordName, data, opts };
      }),
    );
  }

  async counts(): Promise<JobCounts> {
    const counts = await this.#queue.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed');
    const count = (state: string): number => counts[state] ?? 0;
    return {
      waiting: count('wait') + count('prioritized'),
      delayed: count('delayed'),
      running: count('active'),
      failed: count('failed'),
    };
  }

  async failed(): Promise<readonly FailedJob[]> {
    const stored: readonly (StoredJob | undefined)[] = await this.#queue.getJobs(['failed'], 0, -1, true);
    return stored.flatMap((job) => (job === undefined ? [] : (failedJobOf(this.#type, job) ?? [])));
  }

  async retry(ids: readonly string[]): Promise<number> {
    let retried = 0;
    for (const id of ids) {
      const stored: StoredJob | undefined = await this.#queue.getJob(id);
      if (stored === undefined || (await this.#redis.zscore(`${this.#base}failed`, id)) === null) continue;
      // Turns may have been counted anew since: it goes before all of them. And it is no longer under suspicion.
      await this.#redis.hset(this.#base + id, 'priority', 0);
      await this.#redis.hdel(this.#base + id, 'stc', 'defa');
      await stored.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      retried += 1;
    }
    return retried;
  }

  async dismiss(ids: readonly string[]): Promise<number> {
    return await forgetJobs(this.#redis, this.#base, 'failed', ids);
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}
