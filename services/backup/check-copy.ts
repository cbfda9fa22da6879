import type { Clock } from '#kernel';
import { Ledger, LedgerFault, type TreeHead, verifyLedger } from '#ledger';
import { BackupFault } from './backup-fault.ts';
import { type CopyOptions, goOnUnlessAborted } from './copy-progress.ts';
import type { StoredArchive } from './stored-archive.ts';

export interface CheckOptions extends CopyOptions {
  readonly clock: Clock;
  /** Batches before this were checked by earlier runs. */
  readonly from: number;
  readonly verify?: 'incremental' | 'full';
}

/**
 * Reads back the ledger of a copy: each new batch with its signature and its place in the chain, and the same root at the
 * end; in full every batch, and every byte of the messages' store.
 * @throws BackupFault `target-damaged`
 */
export async function checkCopy(copy: StoredArchive, head: TreeHead, options: CheckOptions): Promise<void> {
  await checkTail(copy, head, options);
  if (options.verify !== 'full') return;
  for await (const { place, problem } of verifyLedger(copy.ledgerStore, { trusted: [head] })) {
    throw damaged(`ledger ${place}: ${problem}`);
  }
  for await (const { place, problem } of copy.archive.scrub()) {
    goOnUnlessAborted(options.signal);
    throw damaged(`${place}: ${problem}`);
  }
}

async function checkTail(copy: StoredArchive, head: TreeHead, options: CheckOptions): Promise<void> {
  try {
    await using ledger = await Ledger.open({ store: copy.ledgerStore, clock: options.clock });
    const { size, root } = ledger.head;
    if (size !== head.size || root !== head.root) throw damaged(`its ledger ends at ${size} with another root`);
    for await (const batch of ledger.read(options.from)) {
      goOnUnlessAborted(options.signal);
      const done = batch.first + batch.entries.length;
      options.onProgress?.({ phase: 'check', done, total: size, bytes: 0 });
    }
  } catch (cause) {
    if (cause instanceof LedgerFault && cause.code === 'damaged') throw damaged(cause.message, cause);
    throw cause;
  }
}

function damaged(problem: string, cause?: unknown): BackupFault {
  return new BackupFault('target-damaged', `The copy is not what was written: ${problem}.`, {
    remedy: 'Check its disk, then copy to a new folder: this one is not to be relied on.',
    cause,
  });
}
