import { stopwatch } from '#kernel';
import { NARROWER, SearchFault } from './search-fault.ts';

/** How much a query may take, and who may call it off. */
export interface QueryLimits {
  /** Of work: while others are answered it does not count. */
  readonly milliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** The same where the signal is in another thread. */
export interface PolledLimits {
  readonly milliseconds: number;
  readonly signal?: Pick<AbortSignal, 'throwIfAborted'> | undefined;
}

/**
 * Called now and then by what may take long: throws where it has taken too long, or nobody waits for it any more. Cheap enough to be
 * called for each message.
 */
export type Patience = () => void;

/** Of what must be known whatever it takes: holds, captures, disposal. */
export const endless: Patience = () => undefined;

/** From now on. Its `query-too-costly` ends the query: what was found so far is no answer. */
export function patienceOf(limits: PolledLimits | undefined): Patience {
  if (limits === undefined) return endless;
  const { milliseconds, signal } = limits;
  const elapsed = stopwatch();
  return () => {
    signal?.throwIfAborted();
    if (elapsed() > milliseconds) throw tooLong(milliseconds / 1000);
  };
}

function tooLong(seconds: number): SearchFault {
  return new SearchFault('query-too-costly', `the query takes more than the ${seconds} s that one may`, {
    remedy: `${NARROWER} QUERY_SECONDS says how long one may take.`,
    facts: { seconds },
  });
}
