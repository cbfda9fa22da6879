import { digestOf, limits } from '#kernel';
import { forbidsDisposal, noLock, strongerLock } from '../blob-lock.ts';
import {
  type BlobCapabilities,
  type BlobDamage,
  type BlobDisposal,
  type BlobLock,
  type BlobPut,
  type BlobReceipt,
  type BlobRef,
  type BlobStat,
  type BlobStore,
  type DispositionOrder,
  nameOfBlob,
} from '../blob-store.ts';
import { isDamaged, isDisposed, isLocked, notFound } from './blob-faults.ts';
import { checkedContent, refuseTooLarge } from './content.ts';

interface StoredBlob {
  stat: BlobStat;
  /** Undefined once disposed of. */
  bytes: Buffer | undefined;
}

export interface MemoryBlobStoreOptions {
  /** Larger messages are read by `stream` only. */
  readonly inMemoryBytesMax?: number;
}

const CHUNK_BYTES = 1024 * 1024;

/** The record for the length of a process: for tests, and for trying things out. */
export class MemoryBlobStore implements BlobStore {
  readonly capabilities: BlobCapabilities = {
    lock: 'application',
    retentionStepMilliseconds: 1,
    destruction: 'overwritten',
    durable: false,
  };
  readonly #blobs = new Map<string, StoredBlob>();
  readonly #inMemoryBytesMax: number;

  constructor(options: MemoryBlobStoreOptions = {}) {
    this.#inMemoryBytesMax = options.inMemoryBytesMax ?? limits.messageInMemoryBytesMax;
  }

  async putAll(puts: readonly BlobPut[]): Promise<readonly BlobReceipt[]> {
    const contents: Buffer[] = [];
    for (const put of puts) contents.push(await contentOf(put));
    for (const put of puts) if (this.#isGone(put)) throw isDisposed(put);
    return puts.map((put, index) => this.#put(put, contents[index] ?? Buffer.alloc(0)));
  }

  async read(ref: BlobRef): Promise<Buffer> {
    const { stat, bytes } = this.#live(ref);
    refuseTooLarge(ref, stat.size, this.#inMemoryBytesMax);
    return Buffer.from(checked(ref, bytes));
  }

  async *stream(ref: BlobRef): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(checked(ref, this.#live(ref).bytes));
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
  }

  async stat(ref: BlobRef): Promise<BlobStat | undefined> {
    const blob = this.#blobs.get(nameOfBlob(ref));
    return blob?.bytes === undefined ? undefined : blob.stat;
  }

  async extendRetention(refs: readonly BlobRef[], retainUntil: number): Promise<void> {
    this.#relock(refs, (lock) => strongerLock(lock, { legalHold: false, retainUntil }));
  }

  async setLegalHolds(refs: readonly BlobRef[], legalHold: boolean): Promise<void> {
    this.#relock(refs, (lock) => ({ ...lock, legalHold }));
  }

  async dispose(order: DispositionOrder): Promise<BlobDisposal> {
    const blob = this.#blobs.get(nameOfBlob(order));
    if (blob === undefined) {
      const { digest, generation } = order;
      const stat = { digest, generation, size: 0, lock: noLock, sighting: '', storedAt: order.orderedAt };
      this.#blobs.set(nameOfBlob(order), { stat, bytes: undefined });
      return { versions: 0, size: 0 };
    }
    const { size, lock } = blob.stat;
    if (blob.bytes === undefined) return { versions: 0, size };
    if (forbidsDisposal(lock, order.orderedAt)) throw isLocked(order);
    blob.bytes.fill(0);
    blob.bytes = undefined;
    return { versions: 1, size };
  }

  async *list(skip: (ref: BlobRef) => boolean = () => false): AsyncGenerator<BlobStat> {
    for (const { bytes, stat } of this.#blobs.values()) if (bytes !== undefined && !skip(stat)) yield stat;
  }

  async *listDisposed(skip: (ref: BlobRef) => boolean = () => false): AsyncGenerator<BlobRef> {
    for (const { bytes, stat } of this.#blobs.values()) {
      const { digest, generation } = stat;
      if (bytes === undefined && !skip(stat)) yield { digest, generation };
    }
  }

  async *scrub(): AsyncGenerator<BlobDamage> {
    for (const { stat, bytes } of this.#blobs.values()) {
      if (bytes === undefined || digestOf(bytes) === stat.digest) continue;
      const ref = { digest: stat.digest, generation: stat.generation };
      yield { ref, place: 'memory', problem: 'the message is not what was stored' };
    }
  }

  /** Nobody else can put anything there. */
  async *listStrays(): AsyncGenerator<BlobDamage> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#blobs.clear();
  }

  #put(put: BlobPut, bytes: Buffer): BlobReceipt {
    const { digest, generation, size, sighting, storedAt } = put;
    const known = this.#blobs.get(nameOfBlob(put));
    const lock = known === undefined ? { ...put.lock } : strongerLock(known.stat.lock, put.lock);
    const stat = known?.stat ?? { digest, generation, size, lock, sighting, storedAt };
    this.#blobs.set(nameOfBlob(put), { stat: { ...stat, lock }, bytes: known?.bytes ?? bytes });
    return { digest, generation, outcome: known === undefined ? 'stored' : 'exists', lock };
  }

  #relock(refs: readonly BlobRef[], change: (lock: BlobLock) => BlobLock): void {
    const blobs = refs.map((ref) => {
      const blob = this.#blobs.get(nameOfBlob(ref));
      if (blob?.bytes === undefined) throw notFound(ref);
      return blob;
    });
    for (const blob of blobs) blob.stat = { ...blob.stat, lock: change(blob.stat.lock) };
  }

  #live(ref: BlobRef): StoredBlob {
    const blob = this.#blobs.get(nameOfBlob(ref));
    if (blob === undefined) throw notFound(ref);
    if (blob.bytes === undefined) throw isDisposed(ref);
    return blob;
  }

  #isGone(ref: BlobRef): boolean {
    const blob = this.#blobs.get(nameOfBlob(ref));
    return blob !== undefined && blob.bytes === undefined;
  }
}

async function contentOf(put: BlobPut): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of checkedContent(put)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function checked(ref: BlobRef, bytes: Buffer | undefined): Buffer {
  if (bytes === undefined || digestOf(bytes) !== ref.digest) {
    throw isDamaged(ref, 'its bytes are not what was stored', 'memory');
  }
  return bytes;
}
