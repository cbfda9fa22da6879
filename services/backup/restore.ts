import { type BlobRef, type BlobStore, nameOfBlob } from '#archive';
import { type Clock, type Digest, inGroups } from '#kernel';
import { Ledger, LedgerFault, type LedgerStore } from '#ledger';
import { BackupFault } from './backup-fault.ts';
import { checkCopy } from './check-copy.ts';
import { copyBatch } from './copy-batch.ts';
import { copiedTogether, copyMessages } from './copy-messages.ts';
import { type CopyOptions, goOnUnlessAborted } from './copy-progress.ts';
import { NamedMessages } from './named-messages.ts';
import type { StoredArchive } from './stored-archive.ts';
import { targetPosition } from './target-position.ts';

export interface RestoreOptions extends CopyOptions {
  readonly clock: Clock;
  /** True where the caller knows that `into` was begun by an earlier restore from the same backup. */
  readonly resume?: boolean;
}

export interface RestoreReport {
  /** The ledger as restored: the same as the backup's. */
  readonly size: number;
  readonly root: string;
  readonly messages: number;
  readonly bytes: number;
  /** Messages that the ledger says are archived, and that the backup could not give. Empty for a sound backup. */
  readonly missing: readonly Digest[];
  /** Of the messages, those that no entry names: the backup was cut off. Adopting the archive records them as recovered. */
  readonly unrecorded: number;
}

/**
 * Copies a backup into an empty archive: every message with its lock, then the ledger, all of it read back. What the
 * backup cannot give whole is named in the report, and keeps nothing else from being restored.
 * @throws BackupFault `nothing-to-restore`, `not-empty`, `target-foreign`, `target-damaged`, `interrupted`;
 *   LedgerFault `damaged` (the backup's ledger)
 */
export async function restore(
  from: StoredArchive,
  into: StoredArchive,
  options: RestoreOptions,
): Promise<RestoreReport> {
  await using ledger = await openBackup(from.ledgerStore, options.clock);
  if (options.resume !== true) await refuseUnlessEmpty(into);
  const { size, root } = ledger.head;
  const disposed = await disposedIn(ledger);
  const totals = await copyAll(from.archive, into, disposed, options);
  await copyLedger(ledger, from, into, options);
  await checkCopy(into, { size, root }, { ...options, from: 0 });
  const named = new NamedMessages(into.archive);
  for await (const { entries } of ledger.read(0)) await named.see(entries);
  return { size, root, ...totals, missing: named.digests(), unrecorded: totals.messages - named.present() };
}

async function openBackup(store: LedgerStore, clock: Clock): Promise<Ledger> {
  try {
    return await Ledger.open({ store, clock });
  } catch (cause) {
    if (!(cause instanceof LedgerFault) || cause.code !== 'no-ledger') throw cause;
    throw new BackupFault('nothing-to-restore', 'There is no backup there: it has no ledger.', {
      remedy: 'Check the address of the backup.',
      cause,
    });
  }
}

async function refuseUnlessEmpty(into: StoredArchive): Promise<void> {
  if ((await into.ledgerStore.newest()) !== undefined) throw notEmpty('a ledger');
  for await (const _ of into.archive.list()) throw notEmpty('messages');
}

function notEmpty(what: string): BackupFault {
  return new BackupFault('not-empty', `The archive to restore into has ${what} already.`, {
    remedy: 'Restore into a new folder.',
  });
}

/** What the ledger certifies to be destroyed: a volume of the backup that was away then may have it still. */
async function disposedIn(ledger: Ledger): Promise<ReadonlySet<string>> {
  const disposed = new Set<string>();
  for await (const { entries } of ledger.read(0)) {
    for (const entry of entries) if (entry.kind === 'disposed') disposed.add(nameOfBlob(entry));
  }
  return disposed;
}

async function copyAll(
  from: BlobStore,
  into: StoredArchive,
  disposed: ReadonlySet<string>,
  { onProgress, scratch, signal }: CopyOptions,
): Promise<{ messages: number; bytes: number }> {
  let [messages, bytes] = [0, 0];
  const kept = from.list((ref) => disposed.has(nameOfBlob(ref)));
  for await (const chunk of inGroups(kept, copiedTogether)) {
    goOnUnlessAborted(signal);
    const lost = new Set<BlobRef>();
    const copy = await copyMessages(chunk, from, into.archive, scratch);
    for (const ref of [...copy.damaged, ...copy.gone]) lost.add(ref);
    const whole = chunk.filter((message) => !lost.has(message));
    messages += whole.length;
    bytes += whole.reduce((sum, { size }) => sum + size, 0);
    onProgress?.({ phase: 'messages', done: messages, total: undefined, bytes });
  }
  return { messages, bytes };
}

/** From the newest batch that an earlier run brought. */
async function copyLedger(
  ledger: Ledger,
  from: StoredArchive,
  into: StoredArchive,
  { clock, onProgress, signal }: RestoreOptions,
): Promise<void> {
  const begun = (await into.ledgerStore.newest()) !== undefined;
  const position = begun ? await targetPosition(from.ledgerStore, into, clock) : 0;
  for await (const batch of ledger.read(position)) {
    goOnUnlessAborted(signal);
    await copyBatch(batch, from.ledgerStore, into.ledgerStore);
    const done = batch.first + batch.entries.length;
    onProgress?.({ phase: 'ledger', done, total: ledger.head.size, bytes: 0 });
  }
}
