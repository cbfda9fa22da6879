import type { Job as StoredJob } from 'bullmq';
import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '#kernel';
import { connectRedis } from '#redis';
import type { JobFault } from '../../job-fault.ts';
import type { Job, JobAnswer, JobHandler, JobOutcome, WorkOptions } from '../../job-queue.ts';
import { jobOf, waiterOf } from './job-record.ts';
import { StoredJobs } from './stored-jobs.ts';

export interface BullmqWorkerParts {
  readonly type: string;
  readonly prefix: string;
  readonly base: string;
  readonly url: string;
  readonly lockMs: number;
  readonly stalledMax: number;
  readonly failedMax: number;
  /** Tells those who wait how their jobs ended. */
  readonly tell: (ended: readonly Ended[]) => Promise<void>;
  readonly onTrouble: (thrown: unknown) => void;
}

export interface Ended {
  readonly waiter: string | undefined;
  readonly outcome: JobOutcome;
}

/** Outcomes nobody has asked for are kept so long for those who missed the notice. */
const keptSeconds = 3600;

/** A job that ended its process so often runs with nothing else beside it, so that it takes nobody along. */
const suspectAfterStalls = 2;

/** Runs the jobs of one type in this process. */
export class BullmqWorker implements AsyncDisposable {
  readonly #parts: BullmqWorkerParts;
  readonly #handler: JobHandler;
  readonly #options: WorkOptions;
  readonly #redis: Redis;
  readonly #jobs: StoredJobs;
  readonly #controller = new AbortController();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #loop: Promise<void>;
  #handling = 0;
  /** Suspects are about: jobs are taken one by one. */
  #isWary = false;
  #stopped: Promise<void> | undefined;

  constructor(parts: BullmqWorkerParts, handler: JobHandler, options: WorkOptions) {
    this.#parts = parts;
    this.#handler = handler;
    this.#options = options;
    this.#redis = connectRedis(parts.url, 'waits', parts.onTrouble);
    const blocking = connectRedis(parts.url, 'waits', parts.onTrouble);
    this.#jobs = new StoredJobs({ ...parts, redis: this.#redis, blocking });
    this.#loop = this.#run();
  }

  /** Asks the handlers to come to an end. */
  abort(reason: JobFault): void {
    this.#controller.abort(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped ??= this.#close();
    await this.#stopped;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    this.#jobs.wake();
    // Handlers are waited for; a Redis that is away is not: what it has not been told, it has run again.
    const watch = setInterval(() => {
      if (this.#handling === 0 && this.#redis.status !== 'ready') this.#redis.disconnect();
    }, 1000);
    await this.#loop;
    await this.#allEnded();
    clearInterval(watch);
    await this.#jobs.close();
    this.#redis.disconnect();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#turn();
        failures = 0;
      } catch (thrown) {
        if (this.#stop.signal.aborted) return;
        this.#parts.onTrouble(thrown);
        failures += 1;
        const backoffMs = Math.min(2000, 50 * 2 ** Math.min(failures, 10));
        await pause(backoffMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #turn(): Promise<void> {
    const { batchSize, concurrency } = this.#options;
    const free = concurrency - this.#running.size;
    if (free <= 0) {
      await Promise.race(this.#running);
      return;
    }
    // What is only held when the process ends has stalled as well: so a suspect is not even held beside others.
    if (this.#isWary) await this.#allEnded();
    const jobs = await this.#jobs.take(this.#isWary ? 1 : free * batchSize);
    if (this.#stop.signal.aborted) {
      await this.#jobs.giveBack(jobs);
      return;
    }
    const [suspects, others] = [jobs.filter(isSuspect), jobs.filter((job) => !isSuspect(job))];
    if (this.#isWary && suspects.length > 0) {
      this.#start(suspects);
      await this.#allEnded();
      return;
    }
    this.#isWary = suspects.length > 0;
    await this.#jobs.giveBack(suspects);
    for (let at = 0; at < others.length; at += batchSize) this.#start(others.slice(at, at + batchSize));
  }

  async #allEnded(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #start(batch: readonly StoredJob[]): void {
    const running = this.#runBatch(batch).finally(() => {
      this.#running.delete(running);
      this.#jobs.letGo(batch);
    });
    this.#running.add(running);
  }

  async #runBatch(batch: readonly StoredJob[]): Promise<void> {
    const known = batch.map((stored) => ({ stored, job: jobOf(this.#parts.type, stored) }));
    const fit = known.flatMap(({ job, stored }) => (job === undefined || stored.deferredFailure ? [] : [job]));
    const answers = new Map<string, JobAnswer>();
    for (const [at, answer] of (await this.#answersOf(fit)).entries()) answers.set(fit[at]?.id ?? '', answer);
    const ended = await Promise.all(
      known.map(async ({ stored }) => await this.#settle(stored, answers.get(stored.id ?? '') ?? unfit(stored))),
    );
    await this.#parts.tell(ended.filter((one) => one !== undefined)).catch(this.#parts.onTrouble);
  }

  async #answersOf(jobs: readonly Job[]): Promise<readonly JobAnswer[]> {
    if (jobs.length === 0) return [];
    this.#handling += 1;
    try {
      const answers = await this.#handler(jobs, this.#controller.signal);
      return jobs.map((_, at) => answers[at] ?? { ok: false, error: 'the handler gave no answer for this job' });
    } catch (thrown) {
      return jobs.map(() => ({ ok: false, error: messageOf(thrown) }));
    } finally {
      this.#handling -= 1;
    }
  }

  /** Tells Redis how it went. Undefined when the job will be tried again, or is no longer ours to speak for. */
  async #settle(stored: StoredJob, answer: JobAnswer): Promise<Ended | undefined> {
    try {
      const outcome = answer.ok ? await this.#complete(stored, answer) : await this.#fail(stored, answer);
      return outcome === undefined ? undefined : { waiter: waiterOf(stored), outcome };
    } catch (thrown) {
      // Its lock ran out and another worker has it, or Redis lost it.
      this.#parts.onTrouble(thrown);
      return undefined;
    }
  }

  async #complete(stored: StoredJob, { result }: Extract<JobAnswer, { ok: true }>): Promise<JobOutcome> {
    stored.opts.removeOnComplete = waiterOf(stored) === undefined ? true : { age: keptSeconds };
    await stored.moveToCompleted(result, this.#jobs.token, false);
    return { id: stored.id ?? '', ok: true, result };
  }

  async #fail(stored: StoredJob, answer: Extract<JobAnswer, { ok: false }>): Promise<JobOutcome | undefined> {
    if (this.#controller.signal.aborted && answer.final !== true) {
      // It was told to stop: that is no fault of the job's.
      await this.#jobs.giveBack([stored]);
      return undefined;
    }
    const attempt = stored.attemptsMade + 1;
    const { attempts, backoff } = this.#options;
    const again = answer.final !== true && attempt < attempts;
    // BullMQ decides by the job's own options; here the worker says what it can bear.
    stored.opts.attempts = again ? attempt + 1 : 0;
    stored.opts.backoff = { type: 'fixed', delay: Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempt - 1)) };
    stored.opts.removeOnFail = { count: this.#parts.failedMax };
    stored.opts.stackTraceLimit = 0;
    await stored.moveToFailed(new Error(answer.error), this.#jobs.token, false);
    return again ? undefined : { id: stored.id ?? '', ok: false, error: answer.error, attempts: attempt };
  }
}

function isSuspect(job: StoredJob): boolean {
  return job.stalledCounter >= suspectAfterStalls;
}

/** For a job that no handler gets to see. */
function unfit(stored: StoredJob): JobAnswer {
  const error =
    stored.deferredFailure === undefined || stored.deferredFailure === ''
      ? 'what the queue holds of this job cannot be read'
      : 'the process that ran it ended before it was done, again and again';
  return { ok: false, error, final: true };
}
