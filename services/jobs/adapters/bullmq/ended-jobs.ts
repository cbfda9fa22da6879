import type { Redis } from 'ioredis';
import { z } from 'zod';
import { RedisScript } from '#redis';
import type { JobOutcome } from '../../job-queue.ts';
import { parsedJson } from './parsed-json.ts';

/** What Redis knows of a job: nothing, that it has not ended, or how it did. */
export type JobState = 'unknown' | 'open' | JobOutcome;

const lookUp = new RedisScript(`
local states = {}
for at, id in ipairs(ARGV) do
  local job = redis.call('HMGET', KEYS[1] .. id, 'timestamp', 'finishedOn', 'returnvalue', 'failedReason', 'atm')
  if not job[1] then states[at] = {'unknown'}
  elseif not job[2] then states[at] = {'open'}
  elseif job[3] then states[at] = {'done', job[3]}
  else states[at] = {'failed', job[4] or '', job[5] or '1'} end
end
return states
`);

const stateRow = z.union([
  z.tuple([z.enum(['unknown', 'open'])]),
  z.tuple([z.literal('done'), z.string()]),
  z.tuple([z.literal('failed'), z.string(), z.string()]),
]);

/** How the jobs stand, in the order of the ids. @param base what all keys of the job type begin with */
export async function statesOf(redis: Redis, base: string, ids: readonly string[]): Promise<readonly JobState[]> {
  const rows = z.array(stateRow).parse(await lookUp.run(redis, [base], ids));
  return rows.map((row, at) => {
    const id = ids[at] ?? '';
    switch (row[0]) {
      case 'done':
        return doneOutcome(id, row[1]);
      case 'failed':
        return { id, ok: false, error: row[1], attempts: Number(row[2]) };
      case 'open':
      case 'unknown':
        return row[0];
    }
  });
}

function doneOutcome(id: string, returned: string): JobOutcome {
  const { data: result, success } = z.json().safeParse(parsedJson(returned));
  if (success) return { id, ok: true, result };
  return { id, ok: false, error: 'what the queue holds of its result cannot be read', attempts: 1 };
}

const forget = new RedisScript(`
local forgotten = 0
for _, id in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[1], id) == 1 then
    redis.call('UNLINK', KEYS[2] .. id)
    forgotten = forgotten + 1
  end
end
return forgotten
`);

/** Removes jobs that ended this way. Returns how many of the ids had. */
export async function forgetJobs(
  redis: Redis,
  base: string,
  ended: 'completed' | 'failed',
  ids: readonly string[],
): Promise<number> {
  return ids.length === 0 ? 0 : z.number().parse(await forget.run(redis, [base + ended, base], ids));
}
