import { asSequence, type Clock } from '#kernel';
import { Ledger, LedgerFault, type LedgerStore } from '#ledger';
import { BackupFault } from './backup-fault.ts';
import type { StoredArchive } from './stored-archive.ts';

/**
 * Where a copy into `target` goes on: at the first entry of its newest batch, whose effects may not be complete; all before
 * it is. 0 for a target with nothing in it, or with no more than the beginning.
 * @throws BackupFault `target-foreign`, `target-ahead`, `target-damaged`
 */
export async function targetPosition(from: LedgerStore, target: StoredArchive, clock: Clock): Promise<number> {
  const newest = await target.ledgerStore.newest();
  if (newest === undefined) {
    await refuseMessages(target);
    return 0;
  }
  await refuseDamage(target.ledgerStore, clock);
  if (!(await sameBatch(0, from, target.ledgerStore))) throw foreign('it is the backup of another archive');
  if (!(await sameBatch(newest, from, target.ledgerStore))) throw ahead(newest);
  return newest;
}

/** The batches name the root of all before them: when one is the same, so is everything before it. */
async function sameBatch(first: number, a: LedgerStore, b: LedgerStore): Promise<boolean> {
  const [one, other] = [await a.read(asSequence(first)), await b.read(asSequence(first))];
  return one !== undefined && other !== undefined && one.equals(other);
}

async function refuseMessages(target: StoredArchive): Promise<void> {
  for await (const _ of target.archive.list()) throw foreign('it has messages and no ledger');
}

async function refuseDamage(store: LedgerStore, clock: Clock): Promise<void> {
  try {
    await using _ledger = await Ledger.open({ store, clock });
    if ((await store.read(asSequence(0))) === undefined) throw damaged('its first ledger batch is missing');
  } catch (cause) {
    if (cause instanceof LedgerFault && cause.code === 'damaged') throw damaged(cause.message, cause);
    throw cause;
  }
}

function foreign(problem: string): BackupFault {
  return new BackupFault('target-foreign', `The target is refused: ${problem}.`, {
    remedy: 'Name a new or empty folder, or the folder of an earlier backup of this archive.',
  });
}

function ahead(position: number): BackupFault {
  return new BackupFault(
    'target-ahead',
    `The target holds entries up to ${position} and beyond that this archive does not have.`,
    {
      remedy:
        'Either this archive was restored from an earlier state, or cut; or another one that was restored from this backup was adopted, and backs up here. Keep the target, run verify, and back up to a new folder.',
      facts: { position },
    },
  );
}

function damaged(problem: string, cause?: unknown): BackupFault {
  return new BackupFault('target-damaged', `The target cannot be continued: ${problem}.`, {
    remedy: 'Run verify on the target; then back up to a new folder.',
    cause,
  });
}
