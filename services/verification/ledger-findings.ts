import { asSequence } from '#kernel';
import { type LedgerStore, type LedgerSummary, type TreeHead, verifyLedger } from '#ledger';
import type { Finding } from './finding.ts';

/** How many findings are kept back until it is clear that they stand. */
const keptMax = 1000;

export interface LedgerReading {
  readonly findings: readonly Finding[];
  readonly summary: LedgerSummary;
}

/**
 * Every hash, every signature, every sidecar. A ledger that grew while it was read is read again before anything is said
 * against it: an erasure may have been seen, and its order not yet.
 */
export async function readLedger(store: LedgerStore, trusted: TreeHead | undefined): Promise<LedgerReading> {
  const before = await store.newest();
  const reading = await readOnce(store, trusted);
  if (reading.findings.length === 0 || (await store.newest()) === before) return reading;
  return readOnce(store, trusted);
}

async function readOnce(store: LedgerStore, trustedCheckpoint: TreeHead | undefined): Promise<LedgerReading> {
  const verification = verifyLedger(store, trustedCheckpoint === undefined ? {} : { trustedCheckpoint });
  const findings: Finding[] = [];
  let more = 0;
  for await (const { place, problem } of verification) {
    if (findings.length < keptMax) findings.push(finding(place, problem));
    else more += 1;
  }
  if (more > 0) findings.push(finding('ledger', `${more} further faults`));
  return { findings, summary: verification.summary };
}

function finding(place: string, problem: string): Finding {
  return {
    code: 'ledger-damaged',
    place: /^\d+$/u.test(place) ? `ledger batch ${asSequence(Number(place))}` : `ledger ${place}`,
    problem,
    remedy: 'Put the batch, or its sidecar, back from a backup; keep what is there now as evidence.',
  };
}
