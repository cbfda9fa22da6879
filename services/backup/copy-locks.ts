import { ArchiveFault, type BlobLock, type BlobRef, type BlobStore, strongerLock } from '#archive';
import type { Catalog, MessageRecord } from '#catalog';
import type { Entry, EntryOf } from '#ledger';

const chunkMessages = 1000;

/** The messages whose lock the entry may have changed, as far as they were captured before it. */
export function* relockedBy(entry: Entry, catalog: Catalog): IterableIterator<MessageRecord> {
  if (entry.kind === 'schedule-changed') yield* catalog.messages.range(0, entry.sequence);
  if (entry.kind === 'hold-applied') {
    for (const [from, to] of entry.captures) yield* catalog.messages.range(from, to);
  }
  if (entry.kind === 'hold-swept') yield* releasedBy(entry.hold, catalog);
  if (entry.kind === 'capture' || entry.kind === 'sighting') yield* seenAgainBy(entry, catalog);
}

/** The lock of a first capture was copied with its bytes. */
function* seenAgainBy(
  entry: EntryOf<'capture'> | EntryOf<'sighting'>,
  catalog: Catalog,
): IterableIterator<MessageRecord> {
  const sequence = catalog.messages.sequenceOf(entry.digest, entry.generation);
  const message = sequence === undefined ? undefined : catalog.messages.bySequence(sequence);
  if (message !== undefined && message.sequence !== entry.sequence) yield message;
}

function* releasedBy(hold: string, catalog: Catalog): IterableIterator<MessageRecord> {
  if (catalog.holds.byId(hold)?.releasedAt === null) return;
  for (const sequence of catalog.holds.messagesOf(hold)) {
    const message = catalog.messages.bySequence(sequence);
    if (message !== undefined) yield message;
  }
}

/**
 * Gives the copies of these messages the locks of the originals. Retention is only lengthened. Where the original cannot
 * tell its lock, the copy keeps its own, and a hold of the ledger is set.
 */
export async function copyLocks(
  messages: Iterable<MessageRecord>,
  catalog: Catalog,
  from: BlobStore,
  to: BlobStore,
): Promise<void> {
  let changes = new LockChanges();
  for (const message of messages) {
    if (message.state !== 'archived') continue;
    const copy = (await to.stat(message))?.lock;
    if (copy === undefined) continue;
    const original = (await lockIn(from, message)) ?? copy;
    const legalHold = original.legalHold || catalog.holds.onMessage(message.sequence).length > 0;
    changes.from(copy, { ...strongerLock(original, copy), legalHold }, message);
    if (changes.count < chunkMessages) continue;
    await changes.applyTo(to);
    changes = new LockChanges();
  }
  await changes.applyTo(to);
}

async function lockIn(archive: BlobStore, ref: BlobRef): Promise<BlobLock | undefined> {
  try {
    return (await archive.stat(ref))?.lock;
  } catch (thrown) {
    if (thrown instanceof ArchiveFault && thrown.code === 'damaged') return undefined;
    throw thrown;
  }
}

class LockChanges {
  count = 0;
  readonly #holds = new Map<boolean, BlobRef[]>();
  readonly #retention = new Map<number, BlobRef[]>();

  from(now: BlobLock, wanted: BlobLock, ref: BlobRef): void {
    const { legalHold, retainUntil } = wanted;
    if (legalHold !== now.legalHold) this.#hold(ref, legalHold);
    if (retainUntil !== null && retainUntil !== now.retainUntil) this.#retain(ref, retainUntil);
  }

  #hold(ref: BlobRef, held: boolean): void {
    this.#holds.set(held, [...(this.#holds.get(held) ?? []), ref]);
    this.count += 1;
  }

  #retain(ref: BlobRef, until: number): void {
    this.#retention.set(until, [...(this.#retention.get(until) ?? []), ref]);
    this.count += 1;
  }

  async applyTo(archive: BlobStore): Promise<void> {
    for (const [held, refs] of this.#holds) await archive.setLegalHolds(refs, held);
    for (const [until, refs] of this.#retention) await archive.extendRetention(refs, until);
  }
}
