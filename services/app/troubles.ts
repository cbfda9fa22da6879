import type { Clock, Fault } from '#kernel';

const quietMs = 60_000;
/** Sentences that are remembered; a medium that words each failure anew is not held back. */
const rememberedMax = 100;

/**
 * What goes wrong with servers and is borne (Redis away or full, a lease that could not be renewed), told to whoever runs
 * the process: each sentence once a minute, however many tries end in it.
 */
export function dampened(clock: Clock, tell: (fault: Fault) => void): (fault: Fault) => void {
  const toldAt = new Map<string, number>();
  return (fault) => {
    const now = clock.now();
    const sentence = `${fault.code} ${fault.message}`;
    if (now - (toldAt.get(sentence) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    if (toldAt.size >= rememberedMax) toldAt.clear();
    toldAt.set(sentence, now);
    tell(fault);
  };
}
