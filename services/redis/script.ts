import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { replyCodeOf } from './reply-code.ts';

/** A Lua script: runs as one step that nothing comes between. It survives that Redis forgot it. */
export class RedisScript {
  readonly #source: string;
  readonly #sha: string;

  constructor(source: string) {
    this.#source = source;
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  async run(
    redis: Redis,
    keys: readonly string[],
    values: readonly (string | number | Buffer)[] = [],
  ): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...values);
    } catch (thrown) {
      if (replyCodeOf(thrown) !== 'NOSCRIPT') throw thrown;
      return await redis.eval(this.#source, keys.length, ...keys, ...values);
    }
  }
}
