import type { Redis } from 'ioredis';
import { z } from 'zod';
import { RedisScript } from '#redis';

/**
 * Which of the jobs that want to come in may, and with which turn. A turn is BullMQ's priority: those with the lower one
 * are started first, those with the same in the order they came. Each job of a partition has the next turn after the
 * one before it, or the turn that is on now if that is later: so partitions take turns, and each keeps its order (start-time
 * fair queueing). Turns only grow, until they are counted anew when nothing waits; at BullMQ's limit they stand still, which
 * makes it first come, first served until then.
 */
const admit = new RedisScript(`
local waiting = redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
local delayed = redis.call('ZCARD', KEYS[3])
local room = math.min(tonumber(ARGV[2]), tonumber(ARGV[3]) - waiting - delayed)
if room <= 0 then return {0, 0} end
local turns, partition, limit = KEYS[4], 'p' .. ARGV[1], tonumber(ARGV[4])
local last = tonumber(redis.call('HGET', turns, 'last') or 0)
local on
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if first[2] then
  on = math.floor(tonumber(first[2]) / 0x100000000) - 1
else
  redis.call('DEL', turns)
  if last > limit / 2 and delayed == 0 then last = 0 end
  on = last
end
local turn = math.max(on, tonumber(redis.call('HGET', turns, partition) or 0)) + 1
local final = math.min(turn + room - 1, limit)
redis.call('HSET', turns, partition, final, 'last', math.max(last, final))
return {room, math.min(turn, limit)}
`);

/** Priorities in BullMQ are at most this. */
const turnMax = 2 ** 21 - 1;

export interface Admitted {
  /** So many jobs may come in, the first of those that want to. */
  readonly count: number;
  /** The turn of each. */
  readonly turns: readonly number[];
}

/** @param base what all keys of the job type begin with, `prefix:type:` */
export async function admitJobs(
  redis: Redis,
  base: string,
  wanted: { readonly partition: string; readonly count: number; readonly waitingMax: number },
): Promise<Admitted> {
  const keys = ['wait', 'prioritized', 'delayed', 'turns'].map((name) => base + name);
  const answer = await admit.run(redis, keys, [wanted.partition, wanted.count, wanted.waitingMax, turnMax]);
  const [count, first] = z.tuple([z.number(), z.number()]).parse(answer);
  return { count, turns: Array.from({ length: count }, (_, at) => Math.min(turnMax, first + at)) };
}
