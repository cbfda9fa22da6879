import type { EntryOf } from '#ledger';
import type { ProbeResult } from './probe.ts';

/** What a run of doctor says of the locks of storage, as the ledger records it. */
export interface LockExamination extends Pick<EntryOf<'storage-examined'>, 'verdict' | 'probes'> {
  /** What each probe saw, in the order of `probes`. */
  readonly answers: readonly string[];
}

/** Longer ones are cut: an entry has a limit, and a server may say anything. */
const answerCharactersMax = 300;

/**
 * The probes of one whole run on which the lock depends: those of storage with severity `worm` or `refuse`. One failure
 * outweighs everything; a probe that could not be tried leaves it open. Undefined where no lock was tried.
 */
export function lockExamination(results: readonly ProbeResult[]): LockExamination | undefined {
  const ofLock = results.filter(({ about, severity }) => about === 'storage' && severity !== 'fault');
  if (ofLock.length === 0) return undefined;
  return {
    verdict: verdictOf(new Set(ofLock.map(({ outcome }) => outcome))),
    probes: ofLock.map(({ name, outcome }) => ({ probe: name, outcome })),
    answers: ofLock.map(({ what }) => what.slice(0, answerCharactersMax)),
  };
}

function verdictOf(outcomes: ReadonlySet<ProbeResult['outcome']>): LockExamination['verdict'] {
  if (outcomes.has('failed')) return 'unsound';
  return outcomes.has('undecided') || !outcomes.has('passed') ? 'undecided' : 'sound';
}
