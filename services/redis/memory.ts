import { stopwatch } from '#kernel';
import type { Redis } from 'ioredis';
import { replyCodeOf } from './reply-code.ts';

export interface RedisMemoryUse {
  /** Used bytes by the limit of the server; 0 where it has none. */
  readonly share: number;
  /** What Redis does when it is full, e.g. `noeviction`; undefined where the server does not say. */
  readonly policy: string | undefined;
}

/** An answer serves everybody for so long. */
const freshMs = 20;

/** How full a server is, asked at most every 20 ms. */
export class RedisMemory {
  readonly #redis: Redis;
  #asked: { readonly age: () => number; readonly use: Promise<RedisMemoryUse> } | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async use(): Promise<RedisMemoryUse> {
    if (this.#asked === undefined || this.#asked.age() > freshMs) {
      this.#asked = { age: stopwatch(), use: this.#ask() };
    }
    return await this.#asked.use;
  }

  async #ask(): Promise<RedisMemoryUse> {
    const told = await this.#redis.info('memory').catch((thrown: unknown) => {
      // Some are allowed the queue's keys and nothing else.
      if (replyCodeOf(thrown) !== 'NOPERM') throw thrown;
      return '';
    });
    const limit = Number(lineOf(told, 'maxmemory') ?? 0);
    const used = Number(lineOf(told, 'used_memory') ?? 0);
    return { share: limit > 0 ? used / limit : 0, policy: lineOf(told, 'maxmemory_policy') };
  }
}

function lineOf(told: string, name: string): string | undefined {
  const line = told.split(/\r?\n/u).find((one) => one.startsWith(`${name}:`));
  return line?.slice(name.length + 1);
}
