import { asSequence, type Clock, type Sequence } from '#kernel';
import {
  type Bucket,
  isObjectStorageFault,
  type ListOptions,
  type LockRequest,
  ObjectStorageFault,
  type ReadObject,
} from '#object-storage';
import { LedgerFault } from '../ledger-fault.ts';
import type { LedgerStore, SidecarBasis } from '../ledger-store.ts';
import { type KeyVersions, keysWithVersions, versionsAt } from './s3/key-versions.ts';
import {
  batchKey,
  batchPrefix,
  erasingPrefix,
  firstOf,
  ledgerPrefix,
  sidecarNameOf,
  sidecarPrefix,
} from './s3/ledger-keys.ts';
import { newestBatch } from './s3/newest-batch.ts';
import { eraseFromSidecar, finishErasures } from './s3/sidecar-erasing.ts';
import { checkBucket } from './s3/suitable-bucket.ts';

const dayMs = 86_400_000;
/** Version ids that are remembered from listings, for whoever reads the batches that were listed. */
const oldestMax = 100_000;

export interface S3LedgerStoreOptions {
  /** Outlives the store, which does not close it. */
  readonly bucket: Bucket;
  readonly clock: Clock;
  /** The lock of each batch; none where absent. Sidecars are never locked: they must be erasable. */
  readonly batchLock?: BatchLock;
}

export interface BatchLock {
  /** Null: no retention. */
  readonly retentionDays: number | null;
  readonly legalHold: boolean;
}

/**
 * One object per batch, created only if absent, in a bucket with versions: the oldest version at a key is the batch. An
 * owner who puts a delete marker or another version over it hides and changes nothing. Any number of processes may use one
 * bucket.
 */
export class S3LedgerStore implements LedgerStore {
  readonly #bucket: Bucket;
  readonly #clock: Clock;
  readonly #batchLock: BatchLock | undefined;
  readonly #oldest = new Map<number, string>();
  /** A batch that is known to be there, where the search for the newest begins. */
  #known: number | undefined;
  /** Whether the service was seen to keep a lock that was asked for at creation. */
  #lockSeen = false;

  private constructor({ batchLock, bucket, clock }: S3LedgerStoreOptions) {
    this.#bucket = bucket;
    this.#clock = clock;
    this.#batchLock = batchLock;
  }

  /**
   * Checks that the bucket is safe for a ledger, and finishes erasures that a crash cut short, where the credential may.
   * @throws LedgerFault `unsafe-store`, `store-unavailable`
   */
  static async open(options: S3LedgerStoreOptions): Promise<S3LedgerStore> {
    return await guarded('opened', async () => {
      await checkBucket(options.bucket, options.batchLock !== undefined);
      await unlessForbidden(finishErasures(options));
      return new S3LedgerStore(options);
    });
  }

  /**
   * The request is sent once: the writer itself repeats it, and knows its own batch again. That the service says "created"
   * is not enough, since a delete marker counts as nothing there: a win is confirmed by what is oldest at the key.
   */
  create(first: Sequence, bytes: Buffer): Promise<'created' | 'exists'> {
    return guarded('written', async () => {
      const lock = this.#lockRequest();
      const options = { attempts: 1, contentType: 'application/jsonl', ...(lock && { lock }) };
      const creation = await this.#bucket.create(batchKey(first), bytes, options);
      const { oldest } = await versionsAt(this.#bucket, batchKey(first));
      if (oldest === undefined) throw unavailable('written', new Error('what was created is not listed'));
      this.#remember(first, oldest.versionId);
      const won = creation.outcome === 'created' && creation.versionId === oldest.versionId;
      if (lock !== undefined && !(won && this.#lockSeen)) await this.#mendLock(first, oldest.versionId, lock);
      return won ? 'created' : 'exists';
    });
  }

  read(first: Sequence): Promise<Buffer | undefined> {
    return guarded('read', async () => {
      const known = this.#oldest.get(first);
      const batch = known === undefined ? undefined : await this.#get(batchKey(first), known);
      if (batch !== undefined) return batch.bytes;
      return await this.#readUnknown(first);
    });
  }

  async *list(from: Sequence): AsyncIterable<Sequence> {
    const startAfter = from > 0 ? { startAfter: batchKey(from - 1) } : {};
    for await (const { key, oldest } of this.#keys(batchPrefix, startAfter)) {
      const first = firstOf(key);
      if (first === undefined || oldest === undefined) continue;
      this.#remember(first, oldest.versionId);
      yield asSequence(first);
    }
  }

  newest(): Promise<Sequence | undefined> {
    return guarded('listed', async () => {
      const newest = await newestBatch(this.#bucket, this.#known);
      this.#known = newest;
      return newest === undefined ? undefined : asSequence(newest);
    });
  }

  putSidecar(name: string, bytes: Buffer): Promise<void> {
    return guarded('written', async () => {
      await this.#bucket.create(sidecarPrefix + name, bytes, { contentType: 'application/gzip' });
    });
  }

  /** Where something was put over a sidecar, or hides it, the version that fits is taken: what was erased is gone. */
  readSidecar(name: string, fits: (bytes: Buffer) => boolean = () => true): Promise<Buffer | undefined> {
    return guarded('read', async () => {
      const key = sidecarPrefix + name;
      const current = await this.#get(key);
      if (current !== undefined && fits(current.bytes)) return current.bytes;
      const { all } = await versionsAt(this.#bucket, key);
      for (const { kind, versionId } of all) {
        const other = kind === 'version' ? await this.#get(key, versionId) : undefined;
        if (other !== undefined && fits(other.bytes)) return other.bytes;
      }
      return current?.bytes;
    });
  }

  async *listSidecars(): AsyncIterable<string> {
    for await (const { key, oldest } of this.#keys(sidecarPrefix)) {
      const name = sidecarNameOf(key, sidecarPrefix);
      if (name !== undefined && oldest !== undefined) yield name;
    }
  }

  eraseFromSidecar(name: string, remaining: Buffer, basis?: SidecarBasis): Promise<'erased' | 'changed'> {
    const erasing = { bucket: this.#bucket, clock: this.#clock };
    return guarded('erased', () => eraseFromSidecar(erasing, name, remaining, basis));
  }

  /**
   * Keys that are not ours, and what was put over ours: `KEY (a later version)`, `KEY (a delete marker)`. A sidecar that is
   * being erased has several versions meanwhile.
   */
  async *listStrays(): AsyncIterable<string> {
    const erasing = new Set<string>();
    for await (const { all, key, oldest } of this.#keys(ledgerPrefix)) {
      const name = key.slice(ledgerPrefix.length);
      const sidecar = sidecarNameOf(key, sidecarPrefix);
      const note = sidecarNameOf(key, erasingPrefix); // These come first.
      if (note !== undefined) erasing.add(note);
      else if (firstOf(key) === undefined && sidecar === undefined) yield name;
      else if (!erasing.has(sidecar ?? ''))
        yield* all.filter((one) => one !== oldest).map(({ kind }) => `${name} (${overText(kind)})`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async *#keys(prefix: string, options: ListOptions = {}): AsyncIterable<KeyVersions> {
    try {
      yield* keysWithVersions(this.#bucket, prefix, options);
    } catch (thrown) {
      throw ledgerFaultOf('listed', thrown);
    }
  }

  async #readUnknown(first: number): Promise<Buffer | undefined> {
    const key = batchKey(first);
    const current = await this.#current(key);
    if (current === 'nothing') return undefined;
    const { oldest } = await versionsAt(this.#bucket, key);
    if (oldest === undefined) return undefined;
    this.#remember(first, oldest.versionId);
    if (current !== 'hidden' && current.versionId === oldest.versionId) return current.bytes;
    return (await this.#get(key, oldest.versionId))?.bytes;
  }

  /** One request where there is nothing: that is how the next batch is waited for. */
  async #current(key: string): Promise<ReadObject | 'hidden' | 'nothing'> {
    try {
      return await this.#bucket.get(key);
    } catch (error) {
      if (!isObjectStorageFault(error, 'not-found')) throw error;
      return error.facts['marker'] === true ? 'hidden' : 'nothing';
    }
  }

  async #get(key: string, versionId?: string): Promise<ReadObject | undefined> {
    try {
      return await this.#bucket.get(key, versionId);
    } catch (error) {
      if (isObjectStorageFault(error, 'not-found')) return undefined;
      throw error;
    }
  }

  #remember(first: number, versionId: string): void {
    this.#known = Math.max(first, this.#known ?? 0);
    this.#oldest.set(first, versionId);
    if (this.#oldest.size > oldestMax) for (const each of this.#oldest.keys()) return void this.#oldest.delete(each);
  }

  #lockRequest(): LockRequest | undefined {
    if (this.#batchLock === undefined) return undefined;
    const { legalHold, retentionDays } = this.#batchLock;
    return { legalHold, retainUntil: retentionDays === null ? null : this.#clock.now() + retentionDays * dayMs };
  }

  /** After a lost reply a batch may be whole and unlocked; and a service may drop locks that it accepts. */
  async #mendLock(first: number, versionId: string, { legalHold, retainUntil }: LockRequest): Promise<void> {
    const key = batchKey(first);
    const lock = await this.#bucket.lockOf(key, versionId);
    const lacksRetention = retainUntil !== null && lock.retainUntil === null;
    if (lacksRetention) await this.#bucket.putRetention(key, versionId, retainUntil);
    if (legalHold && !lock.legalHold) await this.#bucket.putLegalHold(key, versionId, true);
    this.#lockSeen = !lacksRetention && (lock.legalHold || !legalHold);
  }
}

function overText(kind: 'version' | 'marker'): string {
  return kind === 'marker' ? 'a delete marker' : 'a later version';
}

/** What a credential may not destroy, another process does. */
async function unlessForbidden(erasing: Promise<void>): Promise<void> {
  try {
    await erasing;
  } catch (error) {
    if (!isObjectStorageFault(error, 'refused')) throw error;
  }
}

async function guarded<Result>(what: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (thrown) {
    throw ledgerFaultOf(what, thrown);
  }
}

function ledgerFaultOf(what: string, thrown: unknown): unknown {
  return thrown instanceof ObjectStorageFault ? unavailable(what, thrown) : thrown;
}

function unavailable(what: string, cause: Error): LedgerFault {
  return new LedgerFault('store-unavailable', `the ledger's bucket could not be ${what}: ${cause.message}`, {
    remedy: cause instanceof ObjectStorageFault ? cause.remedy : 'Check the object storage, then repeat.',
    ...(cause instanceof ObjectStorageFault && { facts: { code: cause.code } }),
    cause,
  });
}
