import type { Digest, Sequence } from '#kernel';
import { limits } from '#kernel';
import type { BlobRef, BlobStore } from '#archive';
import { ArchiveFault } from '#archive';
import type { Catalog } from '#catalog';
import type { Entry, EntryOf, Followed, LedgerBatch } from '#ledger';
import type { IndexDocument, SearchIndex } from '#search';
import { mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ParsingItem, ParsingPool } from './parsing.ts';
import { type ReadMessage, unreadable } from './read-message.ts';

type Captured = EntryOf<'capture'> | EntryOf<'recovered'>;

/**
 * Brings the search index up to the ledger. What the capture has just read is handed over by `inHand`; whatever else is
 * missing, after a crash or for a rebuild, is read from the archive. Follows the catalog, which decides which entry is
 * the capture of a message.
 */
export class Indexing implements Followed {
  readonly #archive: BlobStore;
  readonly #catalog: Catalog;
  readonly #index: SearchIndex;
  readonly #pool: ParsingPool;
  readonly #inHand = new Map<string, ReadMessage>();
  #position = 0;

  private constructor(parts: { archive: BlobStore; catalog: Catalog; index: SearchIndex; pool: ParsingPool }) {
    this.#archive = parts.archive;
    this.#catalog = parts.catalog;
    this.#index = parts.index;
    this.#pool = parts.pool;
  }

  static async open(parts: {
    archive: BlobStore;
    catalog: Catalog;
    index: SearchIndex;
    pool: ParsingPool;
  }): Promise<Indexing> {
    const indexing = new Indexing(parts);
    indexing.#position = await parts.index.position();
    return indexing;
  }

  position(): number {
    return this.#position;
  }

  /** Messages that are about to be recorded and were read already: kept until they are indexed, or taken back (disposed of). */
  inHand(messages: readonly { readonly ref: BlobRef; readonly read: ReadMessage | undefined }[]): Disposable {
    for (const { ref, read } of messages) if (read !== undefined) this.#inHand.set(nameOf(ref), read);
    return {
      [Symbol.dispose]: () => {
        for (const { ref } of messages) this.#inHand.delete(nameOf(ref));
      },
    };
  }

  async apply(batch: LedgerBatch): Promise<void> {
    const captured = batch.entries.filter((entry): entry is Captured => this.#isCapture(entry));
    const removed = batch.entries.flatMap((entry) => (entry.kind === 'disposed' ? [entry.capture] : []));
    const documents: IndexDocument[] = [];
    const missing: Captured[] = [];
    for (const entry of captured) {
      const read = this.#inHand.get(nameOf(entry));
      if (read === undefined) missing.push(entry);
      else documents.push(documentOf(entry, read));
    }
    documents.push(...(await this.#readArchived(missing)));
    const through = batch.first + batch.entries.length;
    await this.#index.apply({ documents, removed, through });
    this.#position = Math.max(this.#position, through);
    for (const entry of batch.entries) if ('digest' in entry) this.#inHand.delete(nameOf(entry));
  }

  #isCapture(entry: Entry): boolean {
    if (entry.kind !== 'capture' && entry.kind !== 'recovered') return false;
    return this.#catalog.messages.sequenceOf(entry.digest, entry.generation) === entry.sequence;
  }

  async #readArchived(entries: readonly Captured[]): Promise<IndexDocument[]> {
    const documents: IndexDocument[] = [];
    const chunk = 64;
    for (let from = 0; from < entries.length; from += chunk) {
      const loaded = await Promise.all(entries.slice(from, from + chunk).map((entry) => this.#load(entry)));
      const present = loaded.filter((one) => one !== undefined);
      const read = await this.#pool.read(present.flatMap((one) => one.item ?? []));
      let next = 0;
      for (const one of present) {
        const message = one.item === undefined ? unreadable(one.entry.size, 'parse-failed') : read[next++];
        if (message !== undefined) documents.push(documentOf(one.entry, message));
        await one.discard?.();
      }
    }
    return documents;
  }

  /** Undefined for what was disposed of; without an item for what is damaged: findable by its flag, named by `verify`. */
  async #load(
    entry: Captured,
  ): Promise<{ entry: Captured; item?: ParsingItem; discard?: () => Promise<void> } | undefined> {
    try {
      if (entry.size > limits.messageInMemoryBytesMax) return { entry, ...(await this.#loadLarge(entry)) };
      return { entry, item: { content: { bytes: await this.#archive.read(entry) }, size: entry.size } };
    } catch (fault) {
      if (fault instanceof ArchiveFault && fault.code === 'disposed') return undefined;
      if (fault instanceof ArchiveFault && (fault.code === 'damaged' || fault.code === 'not-found')) return { entry };
      throw fault;
    }
  }

  async #loadLarge(entry: Captured): Promise<{ item: ParsingItem; discard: () => Promise<void> }> {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-'));
    const discard = () => rm(folder, { recursive: true, force: true });
    const file = join(folder, 'message');
    try {
      await pipeline(Readable.from(this.#archive.stream(entry)), createWriteStream(file, { mode: 0o600 }));
    } catch (fault) {
      await discard();
      throw fault;
    }
    return { item: { content: { file }, size: entry.size }, discard };
  }
}

function nameOf(ref: { readonly digest: Digest; readonly generation: number }): string {
  return `${ref.digest}.${ref.generation}`;
}

function documentOf(entry: Captured & { readonly sequence: Sequence }, read: ReadMessage): IndexDocument {
  return { sequence: entry.sequence, digest: entry.digest, encoded: read.encoded };
}
