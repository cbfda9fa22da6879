import { about, failed, type ListedProbe, noted, type Observation, passed, type Severity } from './probe.ts';
import type { ReadRedisFacts, RedisFacts } from './redis/redis-facts.ts';
import { isAtLeast } from './version-text.ts';

/** BullMQ's own requirement for all that is used of it. */
const oldest = '6.2.0';
const fullShare = 0.9;
const MEGABYTE = 1e6;

interface Judgement {
  readonly name: string;
  readonly tries: string;
  readonly severity: Severity;
  readonly consequence: string;
  readonly judge: (facts: RedisFacts) => Observation;
}

const judgements: readonly Judgement[] = [
  {
    name: 'redis-version',
    tries: `Ask Redis for its version, which must be ${oldest} or later`,
    severity: 'refuse',
    consequence: 'The queue does not work with it. Use a later Redis.',
    judge: ({ version }) => (isAtLeast(version, oldest) ? passed(version) : failed(version)),
  },
  {
    name: 'redis-role',
    tries: 'Ask whether this Redis takes writes',
    severity: 'refuse',
    consequence: 'A replica refuses jobs. Name the master in QUEUE_URL.',
    judge: ({ role }) =>
      role === 'slave' || role === 'replica' ? failed('it is a replica') : passed(role ?? 'not said'),
  },
  {
    name: 'redis-eviction',
    tries: 'Ask what Redis drops when it is full',
    severity: 'refuse',
    consequence:
      'Jobs that were accepted vanish in silence when memory is short. Set maxmemory-policy to noeviction, or use another Redis for the queue.',
    judge: eviction,
  },
  {
    name: 'redis-persistence',
    tries: 'Ask whether Redis keeps its data when it stops',
    severity: 'fault',
    consequence: 'The append-only file could not be written. Look at the disk of Redis.',
    judge: persistence,
  },
  {
    name: 'redis-memory',
    tries: 'Compare the memory that Redis uses with its limit',
    severity: 'fault',
    consequence: 'New jobs are held back until there is room. Raise maxmemory, or add workers.',
    judge: memory,
  },
];

/** What must be so of a Redis that is to carry the queue. It may lose everything, but not in silence. */
export function redisProbes(read: ReadRedisFacts): readonly ListedProbe[] {
  return about(
    'queue',
    judgements.map(({ judge, ...probe }) => ({ ...probe, run: async () => judge(await read()) })),
  );
}

function eviction({ evictionPolicy }: RedisFacts): Observation {
  if (evictionPolicy === 'noeviction') return passed('nothing: noeviction');
  if (evictionPolicy !== undefined) return failed(`maxmemory-policy is ${evictionPolicy}`);
  return noted('it does not say', 'Make sure by other means that its maxmemory-policy is noeviction.');
}

function persistence({ appendOnlyFile, appendOnlyFileSound }: RedisFacts): Observation {
  if (appendOnlyFile === undefined)
    return noted('it does not say', 'A queue that is lost is made anew from the ledger.');
  if (!appendOnlyFile) {
    return noted(
      'there is no append-only file',
      'What waits in the queue is gone when Redis stops. Nothing acknowledged is lost, as sources and ledger have it, but it is collected and queued again. Set appendonly to yes.',
    );
  }
  return appendOnlyFileSound === false ? failed('its last write failed') : passed('to an append-only file');
}

function memory({ usedBytes, limitBytes }: RedisFacts): Observation {
  const used = `${(usedBytes / MEGABYTE).toFixed(1)} MB`;
  if (limitBytes === 0) {
    return noted(
      `${used}, and no limit`,
      'The system ends Redis when memory is short, and nobody is held back before. Set maxmemory below what the machine has.',
    );
  }
  const told = `${used} of ${(limitBytes / MEGABYTE).toFixed(1)} MB`;
  return usedBytes > limitBytes * fullShare ? failed(told) : passed(told);
}
