import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { limits, type Clock } from '#kernel';
import { forbidsDisposal, noLock, sameLock, strongerLock } from '../blob-lock.ts';
import type {
  BlobCapabilities,
  BlobDamage,
  BlobDisposal,
  BlobLock,
  BlobPut,
  BlobReceipt,
  BlobRef,
  BlobStat,
  BlobStore,
  DispositionOrder,
} from '../blob-store.ts';
import { isDisposed, isLocked, notFound } from './blob-faults.ts';
import { checkedContent, contentInMemory, contentMismatch } from './content.ts';
import { BlobReader } from './filesystem/blob-reader.ts';
import { listBlobs } from './filesystem/blob-listing.ts';
import { confirmCopies, confirmLive, eraseCopies } from './filesystem/erasure.ts';
import { asFault, GroupCommit, type GroupDraft, type KnownBlob } from './filesystem/group-commit.ts';
import type { Locator } from './filesystem/locator.ts';
import { payloadOf, type Payload } from './filesystem/payload.ts';
import { catchUp, openLocator } from './filesystem/recovery.ts';
import { scrubSegments } from './filesystem/scrub.ts';
import { SegmentFiles, syncFolder } from './filesystem/segment-files.ts';
import { encodeFrame, PAYLOAD_BYTES_MAX, type MessageHeader } from './filesystem/segment-format.ts';
import { SegmentWriter, type Abandoned } from './filesystem/segment-writer.ts';
import { StorageIdentity } from './filesystem/storage-identity.ts';
import { strayFiles } from './filesystem/stray-files.ts';

export interface FilesystemBlobStoreOptions {
  /** The folder of the archive; segments lie in `segments/` below it. */
  readonly root: string;
  readonly clock: Clock;
  /** Derived state: an SQLite file that may be deleted while the store is closed. */
  readonly locatorFile: string;
  /** Says which segments are the archive's. Not below `root`, which may be a volume of its own. */
  readonly identityFile: string;
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytesMax?: number;
  /** Messages above it are stored uncompressed, in a segment of their own, and read by `stream` only. */
  readonly inMemoryBytesMax?: number;
}

const SEGMENT_BYTES_MAX = 256 * 1024 * 1024;
const REFS_PER_GROUP = 10_000;

/** What no segment has: the order is written all the same, and carried out should one come back that has it. */
const NOWHERE: KnownBlob = { lock: noLock, state: 'live', size: 0 };

interface Opened {
  readonly files: SegmentFiles;
  readonly locator: Locator;
  readonly identity: StorageIdentity;
}

/** One message of a call, its content checked. `payload` is undefined for a message that is too large for memory. */
interface PreparedPut {
  readonly put: BlobPut;
  readonly payload: Payload | undefined;
}

/**
 * The record in append-only segments on a local filesystem. services/archive/README.md has the format and the crash table.
 * One process at a time: whoever opens it holds the archive's lock.
 */
export class FilesystemBlobStore implements BlobStore {
  readonly capabilities: BlobCapabilities = {
    lock: 'application',
    retentionStepMilliseconds: 1,
    destruction: 'overwritten',
    durable: true,
  };
  readonly #files: SegmentFiles;
  readonly #locator: Locator;
  readonly #writer: SegmentWriter;
  readonly #commits: GroupCommit;
  readonly #reader: BlobReader;
  readonly #inMemoryBytesMax: number;
  readonly #abandoned: Abandoned[] = [];

  private constructor(options: FilesystemBlobStoreOptions, { files, locator, identity }: Opened) {
    const { clock, segmentBytesMax = SEGMENT_BYTES_MAX, inMemoryBytesMax = limits.messageInMemoryBytesMax } = options;
    this.#files = files;
    this.#locator = locator;
    this.#inMemoryBytesMax = inMemoryBytesMax;
    this.#writer = new SegmentWriter(files, {
      segmentBytesMax,
      beginning: (number) => identity.beginning(number),
      onAbandoned: (abandoned) => void this.#abandoned.push(abandoned),
    });
    this.#commits = new GroupCommit(locator, this.#writer, clock, async () => this.#settleAbandoned());
    this.#reader = new BlobReader(locator, files, inMemoryBytesMax);
  }

  /** Reads what earlier processes left, and finishes disposals that a crash interrupted. @throws `store-unavailable` */
  static async open(options: FilesystemBlobStoreOptions): Promise<FilesystemBlobStore> {
    try {
      const folder = join(options.root, 'segments');
      const made = await mkdir(folder, { recursive: true });
      if (made !== undefined) for (const parent of [options.root, dirname(made)]) await syncFolder(parent);
      const identity = await StorageIdentity.confirm(folder, options.identityFile);
      const files = new SegmentFiles(folder, identity);
      await files.load();
      const locator = await openLocator(options.locatorFile, files);
      return new FilesystemBlobStore(options, { files, locator, identity });
    } catch (error) {
      throw asFault(error);
    }
  }

  async putAll(puts: readonly BlobPut[]): Promise<readonly BlobReceipt[]> {
    const prepared: PreparedPut[] = [];
    for (const put of puts) prepared.push({ put, payload: await this.#prepare(put) });
    const large = await this.#storeAllLarge(prepared);
    const bytes = prepared.reduce((sum, { payload }) => sum + (payload?.bytes.length ?? 0), 0);
    return this.#commits.submit(bytes, (draft) => {
      for (const { put } of prepared) if (isGone(draft.find(put))) throw isDisposed(put);
      return prepared.map(({ put, payload }) => {
        const stored = large.get(put);
        return stored?.outcome === 'stored' ? stored : planPut(draft, put, payload);
      });
    });
  }

  async read(ref: BlobRef): Promise<Buffer> {
    return this.#reader.read(ref);
  }

  stream(ref: BlobRef): AsyncIterable<Buffer> {
    return this.#reader.stream(ref);
  }

  async stat(ref: BlobRef): Promise<BlobStat | undefined> {
    return this.#reader.stat(ref);
  }

  async extendRetention(refs: readonly BlobRef[], retainUntil: number): Promise<void> {
    await this.#relock(refs, (lock) => strongerLock(lock, { legalHold: false, retainUntil }));
  }

  async setLegalHolds(refs: readonly BlobRef[], legalHold: boolean): Promise<void> {
    await this.#relock(refs, (lock) => ({ ...lock, legalHold }));
  }

  async dispose(order: DispositionOrder): Promise<BlobDisposal> {
    try {
      await confirmCopies(this.#locator, this.#files, order);
      const known = await this.#commits.submit(0, (draft) => {
        const found = draft.find(order) ?? NOWHERE;
        if (found.state === 'live') planDisposal(draft, order, found);
        return found;
      });
      const versions = known.state === 'disposed' ? 0 : await eraseCopies(this.#locator, this.#files, order);
      return { versions, size: known.size };
    } catch (error) {
      throw asFault(error);
    }
  }

  async *list(skip: (ref: BlobRef) => boolean = () => false): AsyncIterable<BlobStat> {
    for await (const stat of listBlobs(this.#locator, this.#files)) if (!skip(stat)) yield stat;
  }

  async *listDisposed(skip: (ref: BlobRef) => boolean = () => false): AsyncIterable<BlobRef> {
    for (const ref of this.#locator.disposed()) if (!skip(ref)) yield ref;
  }

  scrub(): AsyncIterable<BlobDamage> {
    return scrubSegments(this.#locator, this.#files, this.#writer.position);
  }

  listStrays(): AsyncIterable<BlobDamage> {
    return strayFiles(this.#files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commits.idle();
    await this.#writer.close();
    await this.#files.close();
    this.#locator.close(this.#abandoned.length === 0);
  }

  async #prepare(put: BlobPut): Promise<Payload | undefined> {
    if (put.size > PAYLOAD_BYTES_MAX / 2 + 1) throw contentMismatch(put);
    try {
      const isStored = await confirmLive(this.#locator, this.#files, put);
      if (put.size > this.#inMemoryBytesMax) {
        // The whole content is checked before anything is written of it.
        for await (const _chunk of checkedContent(put));
        return undefined;
      }
      const bytes = await contentInMemory(put);
      // What is there already needs no compressing.
      if (put.zstd === undefined && isStored) return { encoding: 'raw', bytes };
      return await payloadOf(put, bytes);
    } catch (error) {
      throw asFault(error);
    }
  }

  async #storeAllLarge(prepared: readonly PreparedPut[]): Promise<ReadonlyMap<BlobPut, BlobReceipt>> {
    const large = new Map<BlobPut, BlobReceipt>();
    if (prepared.every(({ payload }) => payload !== undefined)) return large;
    // A call that will be refused stores nothing.
    for (const { put } of prepared) if (isGone(this.#locator.find(put))) throw isDisposed(put);
    for (const { put, payload } of prepared) {
      if (payload === undefined) large.set(put, await this.#commits.alone(async () => this.#storeLarge(put)));
    }
    return large;
  }

  async #storeLarge(put: BlobPut): Promise<BlobReceipt> {
    const known = this.#locator.find(put);
    if (isGone(known)) throw isDisposed(put);
    if (known !== undefined) return receipt(put, 'exists', known.lock);
    const header = headerOf(put, 'raw');
    const frame = encodeFrame('message', header);
    const written = await this.#writer.appendLarge(frame, put.size, checkedContent(put));
    try {
      this.#commits.applyWritten(written, [{ type: 'message', header }]);
    } catch (error) {
      await this.#writer.giveUp(written);
      throw error;
    }
    return receipt(put, 'stored', put.lock);
  }

  async #relock(refs: readonly BlobRef[], change: (lock: BlobLock) => BlobLock): Promise<void> {
    for (let at = 0; at < refs.length; at += REFS_PER_GROUP) {
      const some = refs.slice(at, at + REFS_PER_GROUP);
      await this.#commits.submit(some.length * 256, (draft) => planRelock(draft, some, change));
    }
  }

  /** Before anything else is written, what was given up is marked as such, and its copies noted for disposal. */
  async #settleAbandoned(): Promise<void> {
    for (let next = this.#abandoned[0]; next !== undefined; next = this.#abandoned[0]) {
      await this.#files.abandon(next.segment, next.from);
      await catchUp(this.#locator, this.#files, next.segment, next.from);
      this.#abandoned.shift();
    }
  }
}

function planPut(draft: GroupDraft, put: BlobPut, payload: Payload | undefined): BlobReceipt {
  const known = draft.find(put);
  if (known !== undefined) {
    const lock = strongerLock(known.lock, put.lock);
    if (!sameLock(lock, known.lock)) draft.lock(put, known, lock);
    return receipt(put, 'exists', lock);
  }
  if (payload === undefined) throw notFound(put);
  draft.message(headerOf(put, payload.encoding), payload.bytes);
  return receipt(put, 'stored', put.lock);
}

function planRelock(draft: GroupDraft, refs: readonly BlobRef[], change: (lock: BlobLock) => BlobLock): void {
  for (const ref of refs) if (draft.find(ref)?.state !== 'live') throw notFound(ref);
  for (const ref of refs) {
    const known = draft.find(ref);
    if (known === undefined) throw notFound(ref);
    const lock = change(known.lock);
    if (!sameLock(lock, known.lock)) draft.lock(ref, known, lock);
  }
}

function planDisposal(draft: GroupDraft, order: DispositionOrder, known: KnownBlob): void {
  if (forbidsDisposal(known.lock, order.orderedAt)) throw isLocked(order);
  draft.disposal(order, known);
}

function isGone(known: Pick<KnownBlob, 'state'> | undefined): boolean {
  return known !== undefined && known.state !== 'live';
}

function headerOf(put: BlobPut, encoding: MessageHeader['encoding']): MessageHeader {
  const { digest, generation, size, lock, sighting, storedAt } = put;
  const { legalHold, retainUntil } = lock;
  return { digest, encoding, generation, lock: { legalHold, retainUntil }, sighting, size, storedAt };
}

function receipt(ref: BlobRef, outcome: BlobReceipt['outcome'], lock: BlobLock): BlobReceipt {
  return { digest: ref.digest, generation: ref.generation, outcome, lock };
}
