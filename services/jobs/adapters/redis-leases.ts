import type { Redis } from 'ioredis';
import { newId, stopwatch } from '#kernel';
import { connectRedis, RedisScript } from '#redis';
import { JobFault } from '../job-fault.ts';
import { assertLeaseOptions } from '../lease-check.ts';
import type { Lease, LeaseOptions, Leases } from '../leases.ts';
import { unreachableFault } from './redis-faults.ts';
import { RenewedLease } from './renewed-lease.ts';

export interface RedisLeasesOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Tells archives that share a Redis apart. */
  readonly name: string;
  /** Told of what goes wrong while leases are renewed. */
  readonly onTrouble?: (fault: JobFault) => void;
}

const renew = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

const giveBack = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

/** Leases among all processes that share a Redis. A Redis that is away or was emptied ends them all, within their time. */
export class RedisLeases implements Leases {
  readonly #options: Required<RedisLeasesOptions>;
  readonly #redis: Redis;
  readonly #taken = new Set<RenewedLease>();
  #closed = false;

  constructor(options: RedisLeasesOptions) {
    this.#options = { onTrouble: () => undefined, ...options };
    this.#redis = connectRedis(options.url, 'asks', (error) => this.#options.onTrouble(unreachableFault(error)));
  }

  async take(name: string, options: LeaseOptions): Promise<Lease | undefined> {
    assertLeaseOptions(name, options);
    if (this.#closed) throw new JobFault('closed', 'the leases are closed', { remedy: 'Start the service again.' });
    const key = this.#keyOf(name);
    const value = `${newId()} ${options.text ?? ''}`;
    // Counted from before it was asked for: Redis counts from later.
    const asked = stopwatch();
    const answer = await this.#ask(async () => await this.#redis.set(key, value, 'PX', options.ttlMs, 'NX'));
    if (answer !== 'OK') return undefined;
    const lease = new RenewedLease({
      name,
      ttlMs: options.ttlMs,
      renew: async () =>
        (await this.#ask(async () => await renew.run(this.#redis, [key], [value, options.ttlMs]))) === 1,
      giveBack: async () => void (await giveBack.run(this.#redis, [key], [value])),
      onTrouble: (thrown) => this.#options.onTrouble(thrown instanceof JobFault ? thrown : unreachableFault(thrown)),
      onEnd: () => this.#taken.delete(lease),
      asked,
    });
    this.#taken.add(lease);
    return lease;
  }

  async holder(name: string): Promise<string | undefined> {
    const value = await this.#ask(async () => await this.#redis.get(this.#keyOf(name)));
    return value?.slice(value.indexOf(' ') + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#taken].map(async (lease) => await lease[Symbol.asyncDispose]()));
    this.#redis.disconnect();
  }

  #keyOf(name: string): string {
    return `{muniment-${this.#options.name}}:lease:${name}`;
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (thrown) {
      throw unreachableFault(thrown);
    }
  }
}
