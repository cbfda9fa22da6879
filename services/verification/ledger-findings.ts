import { asSequence } from '#kernel';
import {
  type LedgerDamage,
  type LedgerStore,
  type LedgerSummary,
  parseCheckpoint,
  type TreeHead,
  verifyLedger,
} from '#ledger';
import { checkpointFinding } from './checkpoint-finding.ts';
import type { Finding } from './finding.ts';

/** How many findings are kept back until it is clear that they stand. */
const keptMax = 1000;

export interface LedgerReading {
  readonly findings: readonly Finding[];
  readonly summary: LedgerSummary;
}

/** What the ledger must contain, beside being whole in itself. */
export interface Expected {
  readonly trusted?: readonly TreeHead[] | undefined;
  /** The text of a checkpoint: believed only where a key of the ledger signed it. */
  readonly checkpoint?: string | undefined;
}

/**
 * Every hash, every signature, every sidecar. A ledger that grew while it was read is read again before anything is said
 * against it: an erasure may have been seen, and its order not yet.
 * @throws LedgerFault `invalid-checkpoint`
 */
export async function readLedger(store: LedgerStore, expected: Expected): Promise<LedgerReading> {
  const before = await store.newest();
  const reading = await readOnce(store, expected);
  if (reading.findings.length === 0 || (await store.newest()) === before) return reading;
  return readOnce(store, expected);
}

async function readOnce(store: LedgerStore, { trusted = [], checkpoint }: Expected): Promise<LedgerReading> {
  const given = checkpoint === undefined ? undefined : parseCheckpoint(checkpoint);
  const verification = verifyLedger(store, { trusted: given === undefined ? trusted : [...trusted, given] });
  const damages: LedgerDamage[] = [];
  let more = 0;
  for await (const damage of verification) {
    if (damages.length < keptMax) damages.push(damage);
    else more += 1;
  }
  const { summary } = verification;
  const refused = checkpoint === undefined ? undefined : checkpointFinding(checkpoint, verification);
  // What is not believed is not held against the ledger.
  const standing = damages.filter((damage) => refused === undefined || damage.trusted !== given);
  const findings = standing.map(({ place, problem, remedy }) => finding(place, problem, remedy));
  if (more > 0) findings.push(finding('ledger', `${more} further faults`));
  return { findings: refused === undefined ? findings : [refused, ...findings], summary };
}

const fromBackup = 'Put the batch, or its sidecar, back from a backup; keep what is there now as evidence.';

function finding(place: string, problem: string, remedy = fromBackup): Finding {
  return {
    code: 'ledger-damaged',
    place: /^\d+$/u.test(place) ? `ledger batch ${asSequence(Number(place))}` : `ledger ${place}`,
    problem,
    remedy,
  };
}
