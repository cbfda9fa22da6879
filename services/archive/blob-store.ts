import type { Digest } from '#kernel';

/** One stored message: its digest, and which capture of these bytes (1; more only after a disposal). */
export interface BlobRef {
  readonly digest: Digest;
  readonly generation: number;
}

/** Of one blob, no two of which have the same. */
export function nameOfBlob({ digest, generation }: BlobRef): string {
  return `${digest}.${generation}`;
}

/** What storage itself enforces for one blob. Times are milliseconds since 1970; `null`: no duty to keep. */
export interface BlobLock {
  readonly retainUntil: number | null;
  readonly legalHold: boolean;
}

/** Bytes in memory, or a file for those too large for it. */
export type BlobSource = { readonly bytes: Uint8Array } | { readonly file: string };

export interface BlobPut extends BlobRef {
  readonly size: number;
  readonly content: BlobSource;
  /** The same bytes as one zstd frame, where the caller has it already; a store that compresses takes it. See `compressedFromBytes`. */
  readonly zstd?: Uint8Array;
  readonly lock: BlobLock;
  /** The sighting's opaque key and time: an object that a crash left without an entry is captured as `recovered`. */
  readonly sighting: string;
  readonly storedAt: number;
}

export interface BlobStat extends BlobRef {
  readonly size: number;
  readonly lock: BlobLock;
  readonly sighting: string;
  readonly storedAt: number;
}

export interface BlobReceipt extends BlobRef {
  readonly outcome: 'stored' | 'exists';
  /** The lock as storage reports it after the write. Never weaker than what was asked for. */
  readonly lock: BlobLock;
}

/** An order to destroy. Only `retention/` makes one, and only after the ledger has the `disposing` entry it names. */
export interface DispositionOrder extends BlobRef {
  readonly order: string;
  /** Ledger time of the `disposing` entry: a lock that runs beyond it is refused. */
  readonly orderedAt: number;
}

export interface BlobDisposal {
  /** How many stored copies of this generation were destroyed; 0 when it was gone already. */
  readonly versions: number;
  readonly size: number;
}

export interface BlobCapabilities {
  /** Who enforces the lock: this program, or the storage system even against its owner. */
  readonly lock: 'application' | 'object-lock-governance' | 'object-lock-compliance';
  /** Storage keeps the end of retention in steps of this; it is rounded up. */
  readonly retentionStepMilliseconds: number;
  /** What disposal does to the medium. */
  readonly destruction: 'overwritten' | 'deleted' | 'released';
  /** True when bytes survive the end of this process. */
  readonly durable: boolean;
}

export interface BlobDamage {
  /** Undefined where the damage hides which message it was. */
  readonly ref?: BlobRef;
  /** Where: a segment and a byte position, or a key. */
  readonly place: string;
  readonly problem: string;
  /** What to do about it, where that is not to look for the bytes elsewhere. */
  readonly remedy?: string;
}

/**
 * The record: immutable messages under their digests. Contract (test/contract/blob-store.ts runs it on every adapter):
 * what `putAll` acknowledged is durable and reads back byte for byte, or reading throws; nothing is ever overwritten; a
 * lock is only ever strengthened except by `setLegalHolds(off)`; only `dispose` destroys.
 */
export interface BlobStore extends AsyncDisposable {
  readonly capabilities: BlobCapabilities;

  /**
   * Stores each blob exclusively; durable on return. A blob that is there already is left as it is, except that a weaker
   * lock is strengthened. Idempotent. The same ref twice in one call counts once. A generation that was disposed of
   * cannot be stored again.
   * @throws ArchiveFault `store-unavailable` (disk full, I/O error: nothing of the call is acknowledged),
   *   `digest-mismatch` (content is not what the digest says), `disposed`
   */
  putAll(puts: readonly BlobPut[]): Promise<readonly BlobReceipt[]>;

  /**
   * The whole message, checked against its digest before it is returned. For messages up to
   * `limits.messageInMemoryBytesMax`; larger ones are read by `stream`.
   * @throws ArchiveFault `not-found`, `disposed`, `damaged` (the bytes are not what was stored; nothing is returned),
   *   `too-large`
   */
  read(ref: BlobRef): Promise<Buffer>;

  /** Like `read`, in chunks. Fails with `damaged` at the end at the latest: a consumer commits only after a clean end. */
  stream(ref: BlobRef): AsyncIterable<Buffer>;

  /** What storage knows of a blob; undefined when it has none (never had, or disposed of). */
  stat(ref: BlobRef): Promise<BlobStat | undefined>;

  /** Lengthens retention where it is shorter, durable on return. Never shortens. @throws `not-found` */
  extendRetention(refs: readonly BlobRef[], retainUntil: number): Promise<void>;

  /** Sets or lifts the legal-hold flag, durable on return. @throws `not-found` */
  setLegalHolds(refs: readonly BlobRef[], legalHold: boolean): Promise<void>;

  /**
   * Destroys all stored copies of one generation, durable on return; repeatable after a crash. What the store does not have is
   * remembered as disposed of: it cannot be stored again, and is destroyed where it comes back with a volume that was away.
   * @throws ArchiveFault `locked` when a legal hold is set or retention runs beyond `orderedAt`; nothing is destroyed then
   */
  dispose(order: DispositionOrder): Promise<BlobDisposal>;

  /** Every blob that can be read, in no particular order; those that `skip` is true of are passed over, which costs less. */
  list(skip?: (ref: BlobRef) => boolean): AsyncIterable<BlobStat>;

  /** Every generation that this store has an order to dispose of, carried out or not, in no particular order; `skip` as above. */
  listDisposed(skip?: (ref: BlobRef) => boolean): AsyncIterable<BlobRef>;

  /** Reads every stored byte, payloads and frames alike, and names each damage. Does not stop at the first. */
  scrub(): AsyncIterable<BlobDamage>;

  /** Of what `scrub` names, what costs no more than a look at names: files that the store did not write. */
  listStrays(): AsyncIterable<BlobDamage>;
}
