import { type BlobRef, type BlobStore, strongerLock } from '#archive';
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

/** Gives the copies of these messages the locks of the originals. Retention is only lengthened. */
export async function copyLocks(
  messages: Iterable<MessageRecord>,
  catalog: Catalog,
  from: BlobStore,
  to: BlobStore,
): Promise<void> {
  let changes = new LockChanges();
  for (const message of messages) {
    if (message.state !== 'archived') continue;
    const [original, copy] = [await from.stat(message), await to.stat(message)];
    if (original === undefined || copy === undefined) continue;
    const held = original.lock.legalHold || catalog.holds.onMessage(message.sequence).length > 0;
    if (held !== copy.lock.legalHold) changes.hold(message, held);
    const { retainUntil } = strongerLock(original.lock, copy.lock);
    if (retainUntil !== null && retainUntil !== copy.lock.retainUntil) changes.retain(message, retainUntil);
    if (changes.count < chunkMessages) continue;
    await changes.applyTo(to);
    changes = new LockChanges();
  }
  await changes.applyTo(to);
}

class LockChanges {
  count = 0;
  readonly #holds = new Map<boolean, BlobRef[]>();
  readonly #retention = new Map<number, BlobRef[]>();

  hold(ref: BlobRef, held: boolean): void {
    this.#holds.set(held, [...(this.#holds.get(held) ?? []), ref]);
    this.count += 1;
  }

  retain(ref: BlobRef, until: number): void {
    this.#retention.set(until, [...(this.#retention.get(until) ?? []), ref]);
    this.count += 1;
  }

  async applyTo(archive: BlobStore): Promise<void> {
    for (const [held, refs] of this.#holds) await archive.setLegalHolds(refs, held);
    for (const [until, refs] of this.#retention) await archive.extendRetention(refs, until);
  }
}
