import { type Catalog, type LockKeeper, type WormStanding, wormStanding } from '#catalog';
import { canonicalJson } from '#kernel';
import type { Ledger } from '#ledger';

const modes: Readonly<Record<Exclude<LockKeeper, 'application'>, string>> = {
  'object-lock-governance': 'S3 Object Lock in governance mode, which a right of its own can bypass',
  'object-lock-compliance': 'S3 Object Lock in compliance mode, which nobody can bypass',
};

/** Whether storage could be called write-once at the entry `asOf`, by what the ledger says up to there. */
export async function standingAsOf(
  { ledger, catalog }: { readonly ledger: Ledger; readonly catalog: Catalog },
  lock: LockKeeper,
  asOf: number,
): Promise<WormStanding> {
  const { time } = await ledger.entry(asOf);
  return wormStanding(lock, catalog.examinations.last(asOf), time);
}

/** The file that says it to a program. What servers answered is left out: a ledger can lose it, and exports must repeat. */
export function standingFile({ worm, lock, since, proven, failed }: WormStanding, asOf: number): string {
  const provenAt = proven === null ? null : new Date(proven).toISOString();
  return `${canonicalJson({ asOf, failed: failed.map(({ probe }) => probe), lock, provenAt, since, worm })}\n`;
}

/** The same for people. */
export function standingText({ worm, lock, since, proven, failed }: WormStanding): string {
  if (lock === 'application') {
    return `The archive's program kept the messages append-only. That is not write-once storage (WORM).`;
  }
  const at = proven === null ? '' : new Date(proven).toISOString();
  const attacked = `attacks on canary objects, the last one at ${at}, did no harm`;
  switch (worm) {
    case 'none':
    case 'never-examined':
      return `Not called write-once (WORM): nobody had tried whether storage keeps its locks.\n${modes[lock]}.`;
    case 'sound':
      return `Write-once (WORM) since sequence ${since}: ${attacked}.\n${modes[lock]}.`;
    case 'lapsed':
      return `Not called write-once (WORM): ${attacked},\nbut that was more than two days before.`;
    case 'withdrawn': {
      const probes = failed.map(({ probe }) => probe).join(', ');
      return `NOT WRITE-ONCE (WORM) since sequence ${since}: storage does not keep its locks.\nProbes that failed: ${probes}.`;
    }
  }
}
