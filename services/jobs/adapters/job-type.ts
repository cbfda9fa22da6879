import { messageOf, type Clock } from '#kernel';
import { JobFault } from '../job-fault.ts';
import type { FailedJob, Job, JobAnswer, JobCounts, JobHandler, JobOutcome, WorkOptions } from '../job-queue.ts';
import { PartitionedLine } from './partitioned-line.ts';

export interface TypeEvents {
  /** A job ended; the queue may be idle now. */
  readonly settled: () => void;
}

export interface TypeLimits {
  readonly waitingMax: number;
  readonly failedMax: number;
  readonly clock: Clock;
}

interface Entry {
  readonly job: Job;
  readonly end: (outcome: JobOutcome) => void;
}

interface Worker {
  readonly handler: JobHandler;
  readonly options: WorkOptions;
  readonly controller: AbortController;
  readonly running: Set<Promise<void>>;
  stopped: boolean;
}

/** All jobs of one type: those that wait, are delayed, run, or failed, and the one worker that runs them. */
export class JobType {
  readonly #name: string;
  readonly #limits: TypeLimits;
  readonly #events: TypeEvents;
  readonly #line = new PartitionedLine<Entry>();
  readonly #delayed = new Map<Entry, NodeJS.Timeout>();
  readonly #failed = new Map<string, FailedJob>();
  readonly #forRoom: (() => void)[] = [];
  #worker: Worker | undefined;
  #runningJobs = 0;
  #isScheduled = false;
  #closed = false;

  constructor(name: string, limits: TypeLimits, events: TypeEvents) {
    this.#name = name;
    this.#limits = limits;
    this.#events = events;
  }

  get isIdle(): boolean {
    return this.#line.length === 0 && this.#delayed.size === 0 && this.#runningJobs === 0;
  }

  counts(): JobCounts {
    return {
      waiting: this.#line.length,
      delayed: this.#delayed.size,
      running: this.#runningJobs,
      failed: this.#failed.size,
    };
  }

  failed(): readonly FailedJob[] {
    return [...this.#failed.values()];
  }

  get hasRoom(): boolean {
    return this.#line.length + this.#delayed.size < this.#limits.waitingMax;
  }

  /** Resolves when one more job may be added, or the type was closed. */
  async room(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    while (!this.#closed && !this.hasRoom) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#forRoom.push(resolve);
      const onAbort = () => resolve();
      signal?.addEventListener('abort', onAbort, { once: true });
      await promise;
      signal?.removeEventListener('abort', onAbort);
      signal?.throwIfAborted();
    }
  }

  async add(job: Job, delayMs: number): Promise<JobOutcome> {
    return await new Promise((resolve) => {
      const entry = { job, end: resolve };
      if (delayMs > 0) this.#delay(entry, delayMs);
      else this.#wait(entry);
    });
  }

  work(handler: JobHandler, options: WorkOptions): AsyncDisposable {
    if (this.#worker !== undefined) {
      throw new JobFault('already-working', `jobs of type ${this.#name} have a worker in this process already`, {
        remedy: 'Dispose of the first worker, or raise its concurrency.',
      });
    }
    const worker: Worker = { handler, options, controller: new AbortController(), running: new Set(), stopped: false };
    this.#worker = worker;
    this.#run();
    return { [Symbol.asyncDispose]: async () => await this.#stop(worker) };
  }

  retry(ids: readonly string[]): number {
    const jobs = ids.flatMap((id) => this.#failed.get(id) ?? []);
    for (const { error: _error, failedAt: _failedAt, ...job } of jobs) {
      this.#failed.delete(job.id);
      this.#wait({ job: { ...job, attempt: 1 }, end: () => undefined });
    }
    return jobs.length;
  }

  dismiss(ids: readonly string[]): number {
    return ids.filter((id) => this.#failed.delete(id)).length;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const resolve of this.#forRoom.splice(0)) resolve();
    const worker = this.#worker;
    if (worker !== undefined) {
      worker.controller.abort(
        new JobFault('closed', 'the job queue is closing', { remedy: 'Start the service again.' }),
      );
      await this.#stop(worker);
    }
    for (const [entry, timer] of this.#delayed) {
      clearTimeout(timer);
      endClosed(entry);
    }
    this.#delayed.clear();
    for (const entry of this.#line.take(this.#line.length)) endClosed(entry);
  }

  async #stop(worker: Worker): Promise<void> {
    worker.stopped = true;
    while (worker.running.size > 0) await Promise.all(worker.running);
    if (this.#worker === worker) this.#worker = undefined;
  }

  #wait(entry: Entry): void {
    this.#line.push(entry.job.partition, entry);
    // Not at once: what is submitted together is handed over together.
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  #delay(entry: Entry, delayMs: number): void {
    const dueAt = this.#limits.clock.now() + delayMs;
    const arm = (ms: number): void => {
      // A longer delay than a timer can hold is armed again.
      this.#delayed.set(entry, setTimeout(due, Math.min(ms, 2 ** 31 - 1)));
    };
    const due = (): void => {
      const left = dueAt - this.#limits.clock.now();
      if (left > 0) {
        arm(left);
        return;
      }
      this.#delayed.delete(entry);
      this.#wait(entry);
    };
    arm(delayMs);
  }

  #run(): void {
    const worker = this.#worker;
    if (worker === undefined || worker.stopped || this.#closed) return;
    while (worker.running.size < worker.options.concurrency && this.#line.length > 0) {
      const batch = this.#line.take(worker.options.batchSize);
      this.#runningJobs += batch.length;
      const running = this.#runBatch(worker, batch).finally(() => {
        worker.running.delete(running);
        this.#run();
      });
      worker.running.add(running);
    }
    const room = this.#limits.waitingMax - this.#line.length - this.#delayed.size;
    for (const resolve of this.#forRoom.splice(0, Math.max(0, room))) resolve();
  }

  async #runBatch(worker: Worker, batch: readonly Entry[]): Promise<void> {
    const answers = await answersOf(worker, batch);
    this.#runningJobs -= batch.length;
    for (const [at, entry] of batch.entries()) {
      const answer = answers[at] ?? { ok: false, error: 'the handler gave no answer for this job' };
      if (answer.ok) entry.end({ id: entry.job.id, ok: true, result: answer.result });
      else this.#failOrRetry(worker, entry, answer);
    }
    this.#events.settled();
  }

  #failOrRetry(worker: Worker, entry: Entry, answer: Extract<JobAnswer, { ok: false }>): void {
    const { attempts, backoff } = worker.options;
    const { job } = entry;
    if (this.#closed) endClosed(entry);
    else if (answer.final === true || job.attempt >= attempts) this.#keepFailed(entry, answer.error);
    else {
      const delayMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** (job.attempt - 1));
      this.#delay({ job: { ...job, attempt: job.attempt + 1 }, end: entry.end }, delayMs);
    }
  }

  #keepFailed({ job, end }: Entry, error: string): void {
    this.#failed.set(job.id, { ...job, error, failedAt: this.#limits.clock.now() });
    const [oldest] = this.#failed.keys();
    if (oldest !== undefined && this.#failed.size > this.#limits.failedMax) this.#failed.delete(oldest);
    end({ id: job.id, ok: false, error, attempts: job.attempt });
  }
}

async function answersOf(worker: Worker, batch: readonly Entry[]): Promise<readonly JobAnswer[]> {
  try {
    return await worker.handler(
      batch.map(({ job }) => job),
      worker.controller.signal,
    );
  } catch (thrown) {
    return batch.map(() => ({ ok: false, error: messageOf(thrown) }));
  }
}

function endClosed({ job, end }: Entry): void {
  end({ id: job.id, ok: false, error: 'queue closed', attempts: job.attempt });
}
