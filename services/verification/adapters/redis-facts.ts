import { connectRedis } from '#redis';
import type { RedisFacts } from '../doctor/redis/redis-facts.ts';

/** Connects for one question only: the probe tells of a Redis that is away, and leaves nothing behind. */
export async function readRedisFacts(url: string): Promise<RedisFacts> {
  // A failure to connect is what `info` throws.
  const redis = connectRedis(url, 'asks', () => undefined);
  try {
    return factsOf(await redis.info());
  } finally {
    redis.disconnect();
  }
}

function factsOf(told: string): RedisFacts {
  const lines = new Map(
    told.split(/\r?\n/u).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
  const flag = (name: string, yes: string) => (lines.has(name) ? lines.get(name) === yes : undefined);
  return {
    version: lines.get('redis_version') ?? '0',
    role: lines.get('role'),
    evictionPolicy: lines.get('maxmemory_policy'),
    usedBytes: Number(lines.get('used_memory') ?? 0),
    limitBytes: Number(lines.get('maxmemory') ?? 0),
    appendOnlyFile: flag('aof_enabled', '1'),
    appendOnlyFileSound: flag('aof_last_write_status', 'ok'),
  };
}
