import type { Redis } from 'ioredis';
import { insist, RedisMemory } from '#redis';
import { JobFault } from '../../job-fault.ts';
import { redisFaults } from '../redis-faults.ts';

/** How long a Redis that starts at the same time as we do is waited for. */
const startingMs = 10_000;

/**
 * Refuses a Redis that, when full, evicts keys: jobs would vanish in silence, or become hollow, after they were accepted.
 * A server that does not say what it does is accepted with a note.
 * @throws JobFault `unsafe-queue`, `queue-unreachable`
 */
export async function assertSafe(redis: Redis, onTrouble: (trouble: Error) => void): Promise<void> {
  const memory = new RedisMemory(redis);
  const { policy } = await insist(async () => await memory.use(), {
    signal: new AbortController().signal,
    unreachableMs: startingMs,
    fault: redisFaults,
    onTrouble,
  });
  if (policy === 'noeviction') return;
  const fault = new JobFault(
    'unsafe-queue',
    policy === undefined
      ? 'this Redis does not say what it does when it is full'
      : `this Redis has maxmemory-policy ${policy}: when it is full it drops jobs that it had accepted`,
    {
      remedy:
        'Set maxmemory-policy to noeviction, in its configuration or by CONFIG SET; or use another Redis for the queue.',
    },
  );
  if (policy !== undefined) throw fault;
  onTrouble(fault);
}
