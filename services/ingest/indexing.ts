import type { Digest, Sequence } from '#kernel';
import type { Clock } from '#kernel';
import { type BlobRef, type BlobStore, nameOfBlob } from '#archive';
import type { Catalog } from '#catalog';
import type { Entry, EntryOf, Followed, LedgerBatch } from '#ledger';
import type { IndexDocument, SearchIndex } from '#search';
import { setTimeout } from 'node:timers/promises';
import type { ParsingPool } from './parsing.ts';
import type { ReadMessage } from './read-message.ts';
import { Rereading } from './rereading.ts';

type Captured = EntryOf<'capture'> | EntryOf<'recovered'>;

/** How long the process that read a message has to hand it to a shared index before another one reads it from the archive. */
const patienceMs = 3000;
const lookAgainMs = 50;

export interface IndexingParts {
  readonly archive: BlobStore;
  readonly catalog: Catalog;
  readonly index: SearchIndex;
  readonly pool: ParsingPool;
  /** Where messages that are too large for memory lie while they are read: emptied whenever the archive is opened. */
  readonly scratch?: string;
  /** When other processes bring the same index up to the ledger as well: what they have in hand is waited for. */
  readonly shared?: { readonly clock: Clock };
}

/**
 * Brings the search index up to the ledger. What the capture has just read is handed over by `inHand`; whatever else is
 * missing, after a crash or for a rebuild, is read from the archive. Follows the catalog, which decides which entry is
 * the capture of a message.
 */
export class Indexing implements Followed {
  readonly #catalog: Catalog;
  readonly #index: SearchIndex;
  readonly #rereading: Rereading;
  readonly #clock: Clock | undefined;
  readonly #inHand = new Map<string, ReadMessage>();
  readonly #damaged = new Set<Digest>();
  #position = 0;

  private constructor(parts: IndexingParts) {
    this.#catalog = parts.catalog;
    this.#index = parts.index;
    this.#rereading = new Rereading(parts);
    this.#clock = parts.shared?.clock;
  }

  static async open(parts: IndexingParts): Promise<Indexing> {
    const indexing = new Indexing(parts);
    await indexing.refresh();
    return indexing;
  }

  /** Whether other processes bring the same index up as well. */
  get isShared(): boolean {
    return this.#clock !== undefined;
  }

  /** Asks the index how far it is: others may have brought it further. */
  async refresh(): Promise<void> {
    this.#position = await this.#index.position();
  }

  /** Messages that the archive could not give whole when they were to be indexed: nobody knows their words. */
  get damaged(): readonly Digest[] {
    return [...this.#damaged];
  }

  position(): number {
    return this.#position;
  }

  /** Messages that are about to be recorded and were read already: kept until they are indexed, or taken back (disposed of). */
  inHand(messages: readonly { readonly ref: BlobRef; readonly read: ReadMessage | undefined }[]): Disposable {
    for (const { ref, read } of messages) if (read !== undefined) this.#inHand.set(nameOfBlob(ref), read);
    return {
      [Symbol.dispose]: () => {
        for (const { ref } of messages) this.#inHand.delete(nameOfBlob(ref));
      },
    };
  }

  async apply(batch: LedgerBatch): Promise<void> {
    await this.applyAll([batch]);
  }

  /** Batches that follow each other, as one change: a larger transaction costs less for each message. */
  async applyAll(batches: readonly LedgerBatch[]): Promise<void> {
    const newest = batches.at(-1);
    if (newest === undefined) return;
    const captured = batches.flatMap((batch) => this.#capturedIn(batch));
    const entries = batches.flatMap((batch) => batch.entries);
    const removed = entries.flatMap((entry) => (entry.kind === 'disposed' ? [entry.capture] : []));
    const documents = this.#documentsInHand(captured);
    const inHand = new Set(documents.map(({ sequence }) => sequence));
    const missing = captured.filter(({ sequence }) => !inHand.has(sequence));
    documents.push(...(await this.#readArchived(await this.#stillMissing(missing, newest.time))));
    const through = newest.first + newest.entries.length;
    await this.#index.apply({ documents, removed, through });
    this.#position = Math.max(this.#position, through);
    for (const batch of batches) this.#letGo(batch);
  }

  /** Whether this process has read any message of the batch. */
  hasInHand(batch: LedgerBatch): boolean {
    return batch.entries.some(
      (entry) => 'digest' in entry && 'generation' in entry && this.#inHand.has(nameOfBlob(entry)),
    );
  }

  /** Hands a shared index what this process has in hand of a batch, and leaves it to others to say how far the index is. */
  async contribute(batch: LedgerBatch): Promise<void> {
    const documents = this.#documentsInHand(this.#capturedIn(batch));
    this.#letGo(batch);
    if (documents.length > 0) await this.#index.apply({ documents, removed: [], through: 0 });
  }

  #capturedIn(batch: LedgerBatch): Captured[] {
    return batch.entries.filter((entry): entry is Captured => this.#isCapture(entry));
  }

  #documentsInHand(captured: readonly Captured[]): IndexDocument[] {
    return captured.flatMap((entry) => {
      const read = this.#inHand.get(nameOfBlob(entry));
      return read === undefined ? [] : [documentOf(entry, read)];
    });
  }

  /** What no other process has handed over, nor will. */
  async #stillMissing(missing: readonly Captured[], recordedAt: number): Promise<readonly Captured[]> {
    const clock = this.#clock;
    if (clock === undefined || missing.length === 0) return missing;
    for (;;) {
      const lacking = new Set(await this.#index.lacking(missing.map(({ sequence }) => sequence)));
      if (lacking.size === 0 || clock.now() - recordedAt > patienceMs) {
        return missing.filter(({ sequence }) => lacking.has(sequence));
      }
      await setTimeout(lookAgainMs);
    }
  }

  #letGo(batch: LedgerBatch): void {
    for (const entry of batch.entries) if ('digest' in entry) this.#inHand.delete(nameOfBlob(entry));
  }

  #isCapture(entry: Entry): boolean {
    if (entry.kind !== 'capture' && entry.kind !== 'recovered') return false;
    return this.#catalog.messages.sequenceOf(entry.digest, entry.generation) === entry.sequence;
  }

  async #readArchived(entries: readonly Captured[]): Promise<IndexDocument[]> {
    const reread = await this.#rereading.read(entries);
    return entries.flatMap((entry, at) => {
      const one = reread[at];
      if (one?.isDamaged === true) this.#noteDamaged(entry);
      return one === undefined ? [] : [documentOf(entry, one.read)];
    });
  }

  /** What was read at its capture is forgotten with the index: from now on nobody can tell what it says. */
  #noteDamaged({ digest, sequence }: Captured): void {
    // What is disposed of further on in the ledger is not there, and need not be.
    if (this.#catalog.messages.bySequence(sequence)?.state !== 'archived') return;
    this.#damaged.add(digest);
    this.#catalog.messages.unread(sequence);
  }
}

function documentOf(entry: Captured & { readonly sequence: Sequence }, read: ReadMessage): IndexDocument {
  return { sequence: entry.sequence, digest: entry.digest, encoded: read.encoded };
}
