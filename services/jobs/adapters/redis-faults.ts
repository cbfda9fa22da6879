import { messageOf } from '#kernel';
import { JobFault } from '../job-fault.ts';

export function fullFault(cause?: unknown): JobFault {
  return new JobFault('queue-full', 'Redis has no memory left for more jobs; those who submit wait', {
    remedy: 'Raise its maxmemory, add workers, or find what else fills it.',
    cause,
  });
}

export function unreachableFault(cause?: unknown): JobFault {
  return new JobFault('queue-unreachable', `Redis does not answer: ${messageOf(cause)}`, {
    remedy: 'See that Redis runs and can be reached at the configured address; work goes on by itself then.',
    cause,
  });
}

/** The queue's words for what goes wrong with Redis. */
export const redisFaults = { full: fullFault, unreachable: unreachableFault };
