import type { Redis } from 'ioredis';
import { z } from 'zod';
import { RedisScript } from '#redis';

/**
 * Takes an item if there is room and nobody has waited longer; else, the waiter joins the line. Without a record it only
 * asks. First whatever ran out of time is struck off: items of processes that died, and waiters that no longer ask.
 * The key of an item ends in the bytes it is counted with. Repeatable.
 */
const enter = new RedisScript(`
local held, index, line, asked = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local key, waiter, record, joins = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local bytes, bytesMax, ttl, patience = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('ZSCORE', index, key) then return 1 end
for _, old in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', index, old)
  redis.call('DECRBY', held, string.match(old, '%d+$'))
end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', asked, '-inf', now - patience)) do
  redis.call('ZREM', line, gone)
  redis.call('ZREM', asked, gone)
end
if redis.call('ZCARD', index) == 0 then redis.call('DEL', held) end
local used = tonumber(redis.call('GET', held) or 0)
local first = redis.call('ZRANGE', line, 0, 0)[1]
if (used == 0 or used + bytes <= bytesMax) and (not first or first == waiter) then
  if record == '' then return 1 end
  redis.call('SET', KEYS[5], record, 'PX', ttl)
  redis.call('ZADD', index, now + ttl, key)
  redis.call('INCRBY', held, bytes)
  redis.call('ZREM', line, waiter)
  redis.call('ZREM', asked, waiter)
  return 1
end
if joins == '1' then
  redis.call('ZADD', line, 'NX', now, waiter)
  redis.call('ZADD', asked, now, waiter)
end
return 0
`);

const leaveLine = new RedisScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
`);

const drop = new RedisScript(`
local dropped = 0
for _, key in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[2], key) == 1 then
    redis.call('DECRBY', KEYS[1], string.match(key, '%d+$'))
    dropped = dropped + 1
  end
  redis.call('UNLINK', KEYS[3] .. key)
end
return dropped
`);

/** Answers with the keys that are gone. */
const renew = new RedisScript(`
local ttl = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gone = {}
for at = 2, #ARGV do
  if redis.call('PEXPIRE', KEYS[2] .. ARGV[at], ttl) == 1 then redis.call('ZADD', KEYS[1], now + ttl, ARGV[at])
  else gone[#gone + 1] = ARGV[at] end
end
return gone
`);

/** Counts anew what is held: should the count ever be wrong, that must not last. */
const recount = new RedisScript(`
local sum = 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do sum = sum + string.match(key, '%d+$') end
redis.call('SET', KEYS[1], sum)
return sum
`);

export interface Entrance {
  readonly key: string;
  readonly waiter: string;
  readonly bytes: number;
  /** Undefined: only asks whether it would be taken. */
  readonly record: Buffer | undefined;
  readonly joinsLine: boolean;
}

export interface SpoolAccountOptions {
  readonly bytesMax: number;
  readonly ttlMs: number;
}

/** A waiter that has not asked for so long is gone, and no longer holds up those behind it. */
const patienceMs = 5000;
const keysAtOnce = 500;

/** What the spool holds in Redis, and the sum of it: they change in one step, and a Redis that forgets one forgets both. */
export class SpoolAccount {
  readonly #redis: Redis;
  readonly #base: string;
  readonly #options: SpoolAccountOptions;

  constructor(redis: Redis, base: string, options: SpoolAccountOptions) {
    this.#redis = redis;
    this.#base = base;
    this.#options = options;
  }

  /** Whether the item was taken, or would be. */
  async enter({ key, waiter, bytes, record, joinsLine }: Entrance): Promise<boolean> {
    const { bytesMax, ttlMs } = this.#options;
    const keys = [...this.#keys('held', 'index', 'line', 'asked'), this.#itemKey(key)];
    const values = [key, waiter, record ?? '', joinsLine ? 1 : 0, bytes, bytesMax, ttlMs, patienceMs];
    return (await enter.run(this.#redis, keys, values)) === 1;
  }

  async leaveLine(waiter: string): Promise<void> {
    await leaveLine.run(this.#redis, this.#keys('line', 'asked'), [waiter]);
  }

  async read(key: string): Promise<Buffer | undefined> {
    return (await this.#redis.getBuffer(this.#itemKey(key))) ?? undefined;
  }

  async has(key: string): Promise<boolean> {
    return (await this.#redis.exists(this.#itemKey(key))) === 1;
  }

  async drop(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      await drop.run(this.#redis, this.#keys('held', 'index', 'item:'), keys.slice(at, at + keysAtOnce));
    }
  }

  /** Gives items another span of time. Returns those that are gone. */
  async renew(keys: readonly string[]): Promise<readonly string[]> {
    const gone: string[] = [];
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      const some = [this.#options.ttlMs, ...keys.slice(at, at + keysAtOnce)];
      gone.push(...z.array(z.string()).parse(await renew.run(this.#redis, this.#keys('index', 'item:'), some)));
    }
    return gone;
  }

  async recount(): Promise<void> {
    await recount.run(this.#redis, this.#keys('held', 'index'), []);
  }

  async heldBytes(): Promise<number> {
    return Number((await this.#redis.get(`${this.#base}held`)) ?? 0);
  }

  #keys(...names: readonly string[]): string[] {
    return names.map((name) => this.#base + name);
  }

  #itemKey(key: string): string {
    return `${this.#base}item:${key}`;
  }
}
