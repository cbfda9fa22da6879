import type { Sequence } from '#kernel';

/** What remains of a sidecar was made from this. */
export interface SidecarBasis {
  /** As `readSidecar` gave it. */
  readonly bytes: Buffer;
  /** As `readSidecar` was asked with. */
  readonly fits: (bytes: Buffer) => boolean;
}

/**
 * Where batches and their sidecars lie. The keys are the design: a batch is named by the sequence of its first entry, and
 * is created once. Every method may throw a `LedgerFault` with code `store-unavailable` when the medium fails.
 */
export interface LedgerStore extends AsyncDisposable {
  /**
   * Creates the batch at `first`, durable on return; never replaces one. `exists` when any batch was ever created there.
   * May be repeated with the same bytes after an unknown outcome.
   */
  create(first: Sequence, bytes: Buffer): Promise<'created' | 'exists'>;

  /** The first batch ever created at `first`, or undefined. */
  read(first: Sequence): Promise<Buffer | undefined>;

  /** First sequences of all batches from `from` on, ascending. */
  list(from: Sequence): AsyncIterable<Sequence>;

  /** First sequence of the newest batch, or undefined in an empty ledger. Cheap: not a full listing where that is slow. */
  newest(): Promise<Sequence | undefined>;

  /** Stores a sidecar under a name that no other proposal uses, durable on return. Repeatable with the same bytes. */
  putSidecar(name: string, bytes: Buffer): Promise<void>;

  /**
   * @param fits whether bytes can be those of the sidecar: asked where somebody may have put others over it. What does not
   *   fit is returned when nothing does.
   */
  readSidecar(name: string, fits?: (bytes: Buffer) => boolean): Promise<Buffer | undefined>;

  listSidecars(): AsyncIterable<string>;

  /**
   * Replaces a sidecar by one with fewer lines, durable on return; the earlier bytes are overwritten as far as the medium
   * allows. The only call that destroys anything here. `changed`: nothing was done, since what is read there now is not what
   * `remaining` was made from (another process erased other lines); read it again. Without `basis` it is done in any case.
   */
  eraseFromSidecar(name: string, remaining: Buffer, basis?: SidecarBasis): Promise<'erased' | 'changed'>;

  /** Names of whatever else lies where batches and sidecars lie. Nobody but a stranger puts anything there. */
  listStrays(): AsyncIterable<string>;
}
