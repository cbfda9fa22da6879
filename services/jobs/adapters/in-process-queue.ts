import { newId, systemClock, unlessAborted, type Clock } from '#kernel';
import { JobFault } from '../job-fault.ts';
import { checkedPayload } from '../job-payload.ts';
import type {
  FailedJob,
  Job,
  JobCounts,
  JobHandler,
  JobOutcome,
  JobPayload,
  JobQueue,
  SubmitOptions,
  WorkOptions,
} from '../job-queue.ts';
import { JobType, type TypeEvents } from './job-type.ts';

export interface InProcessQueueOptions {
  /** Jobs of one type that may wait; those who submit more wait themselves. */
  readonly waitingMax?: number;
  /** Failed jobs of one type that are kept. */
  readonly failedMax?: number;
  readonly clock?: Clock;
}

/** A queue in this process. Volatile: what waits when the process ends is found again by whoever submitted it. */
export class InProcessQueue implements JobQueue {
  readonly #options: Required<InProcessQueueOptions>;
  readonly #types = new Map<string, JobType>();
  readonly #idle = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(options: InProcessQueueOptions = {}) {
    this.#options = { waitingMax: 10_000, failedMax: 10_000, clock: systemClock, ...options };
  }

  async submit(
    type: string,
    payloads: readonly JobPayload[],
    options: SubmitOptions = {},
  ): Promise<readonly JobOutcome[]> {
    const outcomes: Promise<JobOutcome>[] = [];
    await this.#accept(type, payloads, options, (job) => {
      outcomes.push(job.outcome);
    });
    return await unlessAborted(Promise.all(outcomes), options.signal);
  }

  async enqueue(
    type: string,
    payloads: readonly JobPayload[],
    options: SubmitOptions = {},
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    await this.#accept(type, payloads, options, ({ id }) => {
      ids.push(id);
    });
    return ids;
  }

  work(type: string, handler: JobHandler, options: WorkOptions): AsyncDisposable {
    this.#assertOpen();
    return this.#type(type).work(handler, options);
  }

  async failed(type: string): Promise<readonly FailedJob[]> {
    return await Promise.resolve(this.#type(type).failed());
  }

  async retry(ids: readonly string[]): Promise<number> {
    this.#assertOpen();
    return await Promise.resolve(this.#countAll((type) => type.retry(ids)));
  }

  async dismiss(ids: readonly string[]): Promise<number> {
    return await Promise.resolve(this.#countAll((type) => type.dismiss(ids)));
  }

  async counts(type: string): Promise<JobCounts> {
    return await Promise.resolve(this.#type(type).counts());
  }

  async drain(): Promise<void> {
    while (!this.#isIdle()) await new Promise<void>((resolve) => this.#idle.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#types.values()].map(async (type) => await type.close()));
    this.#settleIdle();
  }

  async #accept(
    type: string,
    payloads: readonly JobPayload[],
    options: SubmitOptions,
    accepted: (job: { id: string; outcome: Promise<JobOutcome> }) => void,
  ): Promise<void> {
    const checked = payloads.map((payload) => checkedPayload(payload));
    const partition = options.partition ?? '';
    const jobs = this.#type(type);
    options.signal?.throwIfAborted();
    for (const payload of checked) {
      // What fits is added in one go, so that an idle worker gets it as one batch.
      if (!jobs.hasRoom) await jobs.room(options.signal);
      this.#assertOpen();
      const job: Job = { id: newId(), type, payload, partition, attempt: 1 };
      accepted({ id: job.id, outcome: jobs.add(job, options.delayMs ?? 0) });
    }
  }

  #type(name: string): JobType {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const events: TypeEvents = { settled: () => this.#settleIdle() };
    const type = new JobType(name, this.#options, events);
    this.#types.set(name, type);
    return type;
  }

  #isIdle(): boolean {
    return [...this.#types.values()].every((type) => type.isIdle);
  }

  #settleIdle(): void {
    if (!this.#isIdle()) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  #countAll(count: (type: JobType) => number): number {
    return [...this.#types.values()].reduce((sum, type) => sum + count(type), 0);
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new JobFault('closed', 'the job queue is closed', { remedy: 'Start the service again.' });
  }
}
