import type { Json } from '#kernel';

/** Small and plain: keys, never content, never a credential. At most `jobPayloadBytesMax` bytes as JSON. */
export type JobPayload = { readonly [name: string]: Json };

export const jobPayloadBytesMax = 4096;

/** What a handler answers for one job; small and plain too. */
export type JobResult = Json;

/** How one job ended for good. `id` finds a failed one again. */
export type JobOutcome =
  | { readonly id: string; readonly ok: true; readonly result: JobResult }
  | { readonly id: string; readonly ok: false; readonly error: string; readonly attempts: number };

export interface Job {
  readonly id: string;
  readonly type: string;
  readonly payload: JobPayload;
  readonly partition: string;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface SubmitOptions {
  /** Jobs of one partition are started in order of submission; partitions take turns. Default: one partition for all. */
  readonly partition?: string;
  /** Not started before so many milliseconds have passed. */
  readonly delayMs?: number;
  /** Stops waiting: for room, or for outcomes. Jobs that were accepted are run all the same. */
  readonly signal?: AbortSignal;
}

export interface WorkOptions {
  /** How many jobs one call of the handler gets at most. It gets fewer rather than wait. */
  readonly batchSize: number;
  /** How many calls of the handler run at once. */
  readonly concurrency: number;
  /** How often a job is tried in all, at least 1. */
  readonly attempts: number;
  /** Milliseconds to wait before attempt 2, 3 …: doubling from `firstMs`, at most `maxMs`. */
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
}

/** What the handler says of one job: done, or failed with a reason; `final` when trying again is pointless. */
export type JobAnswer =
  | { readonly ok: true; readonly result: JobResult }
  | { readonly ok: false; readonly error: string; readonly final?: boolean };

/** Answers per job, in the order of the batch. Throwing fails every job of the batch. Must tolerate repetition. */
export type JobHandler = (batch: readonly Job[], signal: AbortSignal) => Promise<readonly JobAnswer[]>;

export interface FailedJob extends Job {
  readonly error: string;
  readonly failedAt: number;
}

export interface JobCounts {
  readonly waiting: number;
  readonly delayed: number;
  readonly running: number;
  readonly failed: number;
}

/**
 * Work to be done by whoever is free. At least once: a job that was accepted is run until a handler answers for it or its
 * attempts are used up; after a crash it may be run again, or be lost with a volatile queue, so the truth of what is
 * to be done always lies elsewhere. Contract: test/contract/job-queue.ts.
 */
export interface JobQueue extends AsyncDisposable {
  /**
   * Hands over jobs and waits until each has ended; outcomes in the order of the payloads. Waits for room while the queue
   * is at its length limit. All payloads are checked before the first is taken.
   * @throws JobFault `payload-refused`, `closed`; the signal's reason
   */
  submit(type: string, payloads: readonly JobPayload[], options?: SubmitOptions): Promise<readonly JobOutcome[]>;

  /** Like `submit`, returning the jobs' ids once all are accepted. */
  enqueue(type: string, payloads: readonly JobPayload[], options?: SubmitOptions): Promise<readonly string[]>;

  /**
   * Runs jobs of one type from now on, until the returned worker is disposed of: that waits for its running handlers.
   * @throws JobFault `closed`, `already-working` (one worker for a type in one process)
   */
  work(type: string, handler: JobHandler, options: WorkOptions): AsyncDisposable;

  /** Jobs whose attempts are used up, oldest first. They are kept (a bounded number, the newest) until retried or dismissed. */
  failed(type: string): Promise<readonly FailedJob[]>;

  /** Gives failed jobs all their attempts again. Returns how many of the ids were failed jobs. */
  retry(ids: readonly string[]): Promise<number>;

  /** Forgets failed jobs. Returns how many of the ids were failed jobs. */
  dismiss(ids: readonly string[]): Promise<number>;

  counts(type: string): Promise<JobCounts>;

  /** Resolves when no job is waiting, delayed or running. */
  drain(): Promise<void>;

  /**
   * Takes nothing more, aborts the handlers' signal and waits for them. What did not run ends with error `queue closed`
   * for those who wait for it.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
