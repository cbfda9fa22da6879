import { createHash } from 'node:crypto';
import { digestOf, inParallel, limits } from '#kernel';
import { Bucket, proveConditionalCreate, requireObjectLock, type BucketOptions } from '#object-storage';
import { sameLock, strongerLock } from '../blob-lock.ts';
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
import { isDamaged, isDisposed, notFound } from './blob-faults.ts';
import { refuseTooLarge } from './content.ts';
import { disposeRecord } from './s3/record-disposal.ts';
import { findRecord, type KnownVersion } from './s3/record-finding.ts';
import { keyOf, statOf } from './s3/record-format.ts';
import { listRecords, listTombstones, scrubRecords } from './s3/record-listing.ts';
import { refuseSkewedClock, secureLock } from './s3/record-locks.ts';
import { RecordWriter } from './s3/record-writing.ts';
import { inArchive, streamInArchive, unlessGone } from './s3/storage-failure.ts';

export interface S3BlobStoreOptions {
  readonly bucket: BucketOptions;
  /** Larger messages are sent in parts, and read by `stream` only. */
  readonly inMemoryBytesMax?: number;
  /** Requests at once within one call. */
  readonly requestsAtOnce?: number;
}

const REQUESTS_AT_ONCE = 32;
/** Whole objects are read: fewer at once than where only their heads are. */
const SCRUBBED_AT_ONCE = 8;

/**
 * The record in a bucket with versions and Object Lock, one object for each message, as received. services/archive/README.md has
 * the format and the crash table. Any number of processes may use it at once.
 */
export class S3BlobStore implements BlobStore {
  readonly capabilities: BlobCapabilities;
  readonly #bucket: Bucket;
  readonly #writer: RecordWriter;
  readonly #inMemoryBytesMax: number;
  readonly #requestsAtOnce: number;

  private constructor(bucket: Bucket, options: S3BlobStoreOptions) {
    this.#bucket = bucket;
    this.#inMemoryBytesMax = options.inMemoryBytesMax ?? limits.messageInMemoryBytesMax;
    this.#requestsAtOnce = options.requestsAtOnce ?? REQUESTS_AT_ONCE;
    this.#writer = new RecordWriter(bucket, this.#inMemoryBytesMax);
    const compliance = bucket.lockMode === 'compliance';
    this.capabilities = {
      lock: compliance ? 'object-lock-compliance' : 'object-lock-governance',
      retentionStepMilliseconds: 1_000,
      destruction: 'deleted',
      durable: true,
    };
  }

  /** @throws ArchiveFault `store-unavailable`, also for a bucket that keeps no versions or locks, or creates what is there already */
  static async open(options: S3BlobStoreOptions): Promise<S3BlobStore> {
    const bucket = new Bucket(options.bucket);
    try {
      await inArchive(async () => {
        await requireObjectLock(bucket);
        await proveConditionalCreate(bucket);
      });
    } catch (error) {
      await bucket[Symbol.asyncDispose]();
      throw error;
    }
    return new S3BlobStore(bucket, options);
  }

  async putAll(puts: readonly BlobPut[]): Promise<readonly BlobReceipt[]> {
    return inArchive(async () => {
      for (const put of puts) await this.#writer.check(put);
      const seen = new Set<string>();
      const receipts = await inParallel(puts, this.#requestsAtOnce, async (put) => {
        // Of the same message again it is known only after the first one what it finds.
        if (seen.has(keyOf(put))) return undefined;
        seen.add(keyOf(put));
        return this.#writer.store(put);
      });
      const answers: BlobReceipt[] = [];
      for (const [index, put] of puts.entries()) answers.push(receipts[index] ?? (await this.#writer.store(put)));
      return answers;
    });
  }

  async read(ref: BlobRef): Promise<Buffer> {
    return inArchive(async () => {
      // Mostly there is one version, and one request gives it. Whatever version it is: the bytes are those of the digest.
      const current = await unlessGone(this.#bucket.get(keyOf(ref), undefined, this.#inMemoryBytesMax));
      if (current !== undefined && digestOf(current.bytes) === ref.digest) return current.bytes;
      const { versionId, head } = await this.#live(ref);
      refuseTooLarge(ref, head.size, this.#inMemoryBytesMax);
      const { bytes } = await this.#bucket.get(head.key, versionId);
      if (digestOf(bytes) !== ref.digest) throw wrongBytes(ref, placeOf({ versionId, head }));
      return bytes;
    });
  }

  stream(ref: BlobRef): AsyncIterable<Buffer> {
    return streamInArchive(this.#stream(ref));
  }

  async stat(ref: BlobRef): Promise<BlobStat | undefined> {
    return inArchive(async () => {
      const found = await findRecord(this.#bucket, ref);
      return found.state === 'live' ? statOf(ref, found.record.head) : undefined;
    });
  }

  async extendRetention(refs: readonly BlobRef[], retainUntil: number): Promise<void> {
    await this.#relock(refs, (lock) => strongerLock(lock, { legalHold: false, retainUntil }));
  }

  async setLegalHolds(refs: readonly BlobRef[], legalHold: boolean): Promise<void> {
    await this.#relock(refs, (lock) => ({ ...lock, legalHold }));
  }

  async dispose(order: DispositionOrder): Promise<BlobDisposal> {
    return inArchive(async () => {
      refuseSkewedClock(this.#bucket);
      return disposeRecord(this.#bucket, order);
    });
  }

  list(skip?: (ref: BlobRef) => boolean): AsyncIterable<BlobStat> {
    return streamInArchive(listRecords(this.#bucket, this.#requestsAtOnce, skip));
  }

  listDisposed(skip?: (ref: BlobRef) => boolean): AsyncIterable<BlobRef> {
    return streamInArchive(listTombstones(this.#bucket, this.#requestsAtOnce, skip));
  }

  scrub(): AsyncIterable<BlobDamage> {
    return streamInArchive(scrubRecords(this.#bucket, SCRUBBED_AT_ONCE));
  }

  /** None: what a foreign object is, only reading it tells. */
  async *listStrays(): AsyncGenerator<BlobDamage> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bucket[Symbol.asyncDispose]();
  }

  async *#stream(ref: BlobRef): AsyncGenerator<Buffer> {
    const record = await this.#live(ref);
    const hash = createHash('sha256');
    for await (const chunk of this.#bucket.stream(record.head.key, record.versionId)) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest('hex') !== ref.digest) throw wrongBytes(ref, placeOf(record));
  }

  /** All are looked for before any is changed. */
  async #relock(refs: readonly BlobRef[], change: (lock: BlobLock) => BlobLock): Promise<void> {
    await inArchive(async () => {
      const records = await inParallel(refs, this.#requestsAtOnce, async (ref) => this.#lockable(ref));
      await inParallel(records, this.#requestsAtOnce, async (record) => this.#change(record, change));
    });
  }

  async #change({ ref, record, others }: Lockable, change: (lock: BlobLock) => BlobLock): Promise<void> {
    const { lock, key } = record.head;
    const wanted = change(lock);
    if (sameLock(wanted, lock)) return;
    if (lock.legalHold && !wanted.legalHold) {
      // Also that of copies which somebody has put beside it: else nothing could ever lift it, and disposal asks them all.
      for (const versionId of [record.versionId, ...others]) {
        const lifted = await unlessGone(this.#lift(key, versionId));
        if (lifted === undefined && versionId === record.versionId) throw notFound(ref);
      }
      return;
    }
    const stored = await secureLock(this.#bucket, record, wanted);
    if (stored === undefined) throw notFound(ref);
  }

  async #lift(key: string, versionId: string): Promise<true> {
    await this.#bucket.putLegalHold(key, versionId, false);
    return true;
  }

  async #lockable(ref: BlobRef): Promise<Lockable> {
    const found = await findRecord(this.#bucket, ref);
    if (found.state !== 'live') throw notFound(ref);
    return { ref, record: found.record, others: found.others };
  }

  /** @throws ArchiveFault `not-found`, `disposed`, `damaged` */
  async #live(ref: BlobRef): Promise<KnownVersion> {
    const found = await findRecord(this.#bucket, ref);
    switch (found.state) {
      case 'live':
        return found.record;
      case 'disposed':
        throw isDisposed(ref);
      case 'absent':
        throw notFound(ref);
      case 'damaged':
        throw wrongBytes(ref, found.place);
    }
  }
}

interface Lockable {
  readonly ref: BlobRef;
  readonly record: KnownVersion;
  readonly others: readonly string[];
}

function wrongBytes(ref: BlobRef, place: string) {
  return isDamaged(ref, 'its bytes are not what was stored', place);
}

function placeOf({ versionId, head }: KnownVersion): string {
  return `${head.key} version ${versionId}`;
}
