import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { newId, Turnstile, unlessAborted } from '#kernel';
import { connectRedis, insist, type InsistOptions, RedisMemory } from '#redis';
import { JobFault } from '../job-fault.ts';
import { checkedPayload } from '../job-payload.ts';
import type {
  FailedJob,
  JobCounts,
  JobHandler,
  JobOutcome,
  JobPayload,
  JobQueue,
  SubmitOptions,
  WorkOptions,
} from '../job-queue.ts';
import { BullmqType, type Handover, type NewJob } from './bullmq/bullmq-type.ts';
import { BullmqWorker, type Ended } from './bullmq/bullmq-worker.ts';
import { outcomesNotice } from './bullmq/job-record.ts';
import { Outcomes } from './bullmq/outcomes.ts';
import { parsedJson } from './bullmq/parsed-json.ts';
import { assertSafe } from './bullmq/safety.ts';
import { fullFault, redisFaults, unreachableFault } from './redis-faults.ts';

export interface BullmqQueueOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Tells archives that share a Redis apart. */
  readonly name: string;
  /** Jobs of one type that may wait, of all processes together; those who submit more wait themselves. */
  readonly waitingMax?: number;
  /** Failed jobs of one type that are kept. */
  readonly failedMax?: number;
  /** A worker that does not show life for so long loses its jobs to others, within twice this time. */
  readonly lockMs?: number;
  /** A job whose handler ended its process more often than this fails. */
  readonly stalledMax?: number;
  /** How often Redis is asked for outcomes, beside the notices of workers. */
  readonly pollMs?: number;
  /** How long `submit` bears that Redis is away. */
  readonly unreachableMs?: number;
  /** Told of what goes wrong and is borne, as often as it happens: Redis away or full, a job taken from its worker. */
  readonly onTrouble?: (fault: JobFault) => void;
}

const defaults = {
  waitingMax: 10_000,
  failedMax: 10_000,
  lockMs: 30_000,
  stalledMax: 4,
  pollMs: 1000,
  unreachableMs: 60_000,
  onTrouble: (): void => undefined,
};

/** So many jobs at once: how full Redis is is looked at in between. */
const handoverMax = 256;

/** No new jobs above this share of Redis's memory: the rest is for taking, finishing and failing those that are there. */
const fullShare = 0.9;

/** Jobs of several types, handed over and run by any number of processes through one Redis, which may lose all of them. */
export class BullmqQueue implements JobQueue {
  readonly #options: Required<BullmqQueueOptions>;
  readonly #prefix: string;
  readonly #redis: Redis;
  readonly #listener: Redis;
  readonly #memory: RedisMemory;
  readonly #outcomes: Outcomes;
  readonly #types = new Map<string, { readonly jobs: BullmqType; readonly entrance: Turnstile }>();
  readonly #workers = new Map<string, BullmqWorker>();
  /** Those who wait for outcomes in this process go by this name. */
  readonly #waiter = newId();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(options: Required<BullmqQueueOptions>, redis: Redis) {
    this.#options = options;
    this.#prefix = `{muniment-${options.name}}`;
    this.#redis = redis;
    this.#memory = new RedisMemory(redis);
    this.#listener = connectRedis(options.url, 'waits', this.#onTrouble);
    const baseOf = (type: string): string => `${this.#prefix}:${type}:`;
    this.#outcomes = new Outcomes({ ...options, redis, baseOf, onTrouble: this.#onTrouble });
  }

  /**
   * @throws JobFault `unsafe-queue` when Redis would drop jobs rather than refuse them, `queue-unreachable`
   */
  static async open(options: BullmqQueueOptions): Promise<BullmqQueue> {
    const all = { ...defaults, ...options };
    const redis = connectRedis(options.url, 'asks', (error) => all.onTrouble(asJobFault(error)));
    try {
      await assertSafe(redis, (trouble) => all.onTrouble(asJobFault(trouble)));
      const queue = new BullmqQueue(all, redis);
      await queue.#listen();
      return queue;
    } catch (thrown) {
      redis.disconnect();
      throw thrown;
    }
  }

  async submit(
    type: string,
    payloads: readonly JobPayload[],
    options: SubmitOptions = {},
  ): Promise<readonly JobOutcome[]> {
    const outcomes: Promise<JobOutcome>[] = [];
    const ids: string[] = [];
    const expect = (jobs: readonly NewJob[]): void => {
      ids.push(...jobs.map(({ id }) => id));
      outcomes.push(...jobs.map(async ({ id }) => await this.#outcomes.expect(type, id)));
    };
    try {
      await this.#accept(type, payloads, options, { waiter: this.#waiter, expect });
      return await unlessAborted(Promise.all(outcomes), options.signal);
    } finally {
      this.#outcomes.forget(ids);
    }
  }

  async enqueue(
    type: string,
    payloads: readonly JobPayload[],
    options: SubmitOptions = {},
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    const expect = (jobs: readonly NewJob[]): void => void ids.push(...jobs.map(({ id }) => id));
    await this.#accept(type, payloads, options, { waiter: undefined, expect });
    return ids;
  }

  work(type: string, handler: JobHandler, options: WorkOptions): AsyncDisposable {
    this.#assertOpen();
    if (this.#workers.has(type)) {
      throw new JobFault('already-working', `jobs of type ${type} have a worker in this process already`, {
        remedy: 'Dispose of the first worker, or raise its concurrency.',
      });
    }
    const parts = {
      ...this.#options,
      type,
      prefix: this.#prefix,
      base: `${this.#prefix}:${type}:`,
      tell: async (ended: readonly Ended[]) => await this.#tell(type, ended),
      onTrouble: this.#onTrouble,
    };
    const worker = new BullmqWorker(parts, handler, options);
    this.#workers.set(type, worker);
    return {
      [Symbol.asyncDispose]: async () => {
        await worker[Symbol.asyncDispose]();
        if (this.#workers.get(type) === worker) this.#workers.delete(type);
      },
    };
  }

  async failed(type: string): Promise<readonly FailedJob[]> {
    return await this.#type(type).jobs.failed();
  }

  async retry(ids: readonly string[]): Promise<number> {
    this.#assertOpen();
    return await this.#countAll(async (type) => await type.retry(ids));
  }

  async dismiss(ids: readonly string[]): Promise<number> {
    return await this.#countAll(async (type) => await type.dismiss(ids));
  }

  async counts(type: string): Promise<JobCounts> {
    return await this.#type(type).jobs.counts();
  }

  async drain(): Promise<void> {
    for (let waitMs = 10; !this.#closing.signal.aborted; waitMs = Math.min(200, waitMs * 2)) {
      const idle = await this.#isIdle().catch((thrown: unknown) => {
        this.#onTrouble(thrown);
        return false;
      });
      if (idle) return;
      await this.#pause(waitMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    const reason = closedFault('is closing');
    this.#closing.abort(reason);
    for (const worker of this.#workers.values()) worker.abort(reason);
    await Promise.all([...this.#workers.values()].map(async (worker) => await worker[Symbol.asyncDispose]()));
    await this.#outcomes.close('queue closed');
    await Promise.all([...this.#types.values()].map(async ({ jobs }) => await jobs.close()));
    this.#listener.disconnect();
    this.#redis.disconnect();
  }

  async #accept(
    type: string,
    payloads: readonly JobPayload[],
    options: SubmitOptions,
    { waiter, expect }: { readonly waiter: string | undefined; readonly expect: (jobs: readonly NewJob[]) => void },
  ): Promise<void> {
    this.#assertOpen();
    const jobs = payloads.map((payload) => ({ id: `m-${newId()}`, payload: checkedPayload(payload) }));
    const { signal, partition = '', delayMs = 0 } = options;
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    const { entrance } = this.#type(type);
    let at = 0;
    for (let waitMs = 10; at < jobs.length; waitMs = Math.min(250, waitMs * 2)) {
      const rest = jobs.slice(at, at + handoverMax);
      // One at a time: what a call found room for comes in before the next one looks.
      const taken = await unlessAborted(
        entrance.pass(async () => await this.#acceptSome(type, rest, { partition, delayMs, waiter }, expect, stop)),
        stop,
      );
      at += taken;
      if (taken > 0) waitMs = 10;
      else await this.#pause(waitMs, stop);
      stop.throwIfAborted();
    }
  }

  /** Hands over as many as there is room for. Returns how many. */
  async #acceptSome(
    type: string,
    jobs: readonly NewJob[],
    handover: Handover,
    expect: (jobs: readonly NewJob[]) => void,
    stop: AbortSignal,
  ): Promise<number> {
    const queued = this.#type(type).jobs;
    const { count, turns } = await insist(async () => {
      if ((await this.#memory.use()).share > fullShare) {
        this.#options.onTrouble(fullFault());
        return { count: 0, turns: [] };
      }
      await this.#redis.sadd(`${this.#prefix}:types`, type);
      return await queued.admit(handover.partition, jobs.length, this.#options.waitingMax);
    }, this.#insisting(stop));
    if (count === 0) return 0;
    const admitted = jobs.slice(0, count);
    expect(admitted);
    await insist(async () => await queued.add(admitted, turns, handover), this.#insisting(this.#closing.signal));
    this.#outcomes.taken(admitted.map(({ id }) => id));
    return count;
  }

  #insisting(signal: AbortSignal): InsistOptions {
    return { ...this.#options, signal, fault: redisFaults, onTrouble: this.#onTrouble };
  }

  async #listen(): Promise<void> {
    const channel = this.#channelOf(this.#waiter);
    this.#listener.on('message', (_channel: string, text: string) => {
      const { data } = outcomesNotice.safeParse(parsedJson(text));
      if (data !== undefined) this.#outcomes.deliver(data);
    });
    await this.#listener.subscribe(channel);
  }

  #channelOf(waiter: string): string {
    return `${this.#prefix}:outcomes:${waiter}`;
  }

  async #tell(type: string, ended: readonly Ended[]): Promise<void> {
    const byWaiter = Map.groupBy(ended, ({ waiter }) => waiter);
    for (const [waiter, some] of byWaiter) {
      const notice = { type, outcomes: some.map(({ outcome }) => outcome) };
      if (waiter === this.#waiter) this.#outcomes.deliver(notice);
      else if (waiter !== undefined) await this.#redis.publish(this.#channelOf(waiter), JSON.stringify(notice));
    }
  }

  #type(name: string): { readonly jobs: BullmqType; readonly entrance: Turnstile } {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const jobs = new BullmqType(name, this.#prefix, this.#redis, this.#onTrouble);
    const type = { jobs, entrance: new Turnstile() };
    this.#types.set(name, type);
    return type;
  }

  async #isIdle(): Promise<boolean> {
    const counts = await Promise.all([...this.#types.values()].map(async ({ jobs }) => await jobs.counts()));
    return counts.every(({ waiting, delayed, running }) => waiting + delayed + running === 0);
  }

  /** Over all types that any process has used. */
  async #countAll(count: (type: BullmqType) => Promise<number>): Promise<number> {
    for (const type of await this.#redis.smembers(`${this.#prefix}:types`)) this.#type(type);
    const counts = await Promise.all([...this.#types.values()].map(async ({ jobs }) => await count(jobs)));
    return counts.reduce((sum, one) => sum + one, 0);
  }

  /** Ends early, without an error, when the signal says so. */
  async #pause(milliseconds: number, signal: AbortSignal = this.#closing.signal): Promise<void> {
    await pause(milliseconds, undefined, { signal }).catch(() => undefined);
  }

  readonly #onTrouble = (thrown: unknown): void => {
    this.#options.onTrouble(asJobFault(thrown));
  };

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw closedFault('is closed');
  }
}

function asJobFault(thrown: unknown): JobFault {
  return thrown instanceof JobFault ? thrown : unreachableFault(thrown);
}

function closedFault(state: string): JobFault {
  return new JobFault('closed', `the job queue ${state}`, { remedy: 'Start the service again.' });
}
