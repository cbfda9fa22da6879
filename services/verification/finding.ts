/** Everything `verify` can find. A code may be added; none is changed. */
export type FindingCode =
  /** A batch or a sidecar is not what was written, is missing, or does not continue the one before it. */
  | 'ledger-damaged'
  /** The checkpoint that was given is of another archive, or not signed by a key of this one: nothing was compared with it. */
  | 'checkpoint-refused'
  /** Behind the damage named before, the ledger's meaning is not known: what depends on it was not compared. */
  | 'not-compared'
  /** A stored message, or a frame of the store, is not what was written. */
  | 'archive-damaged'
  /** The ledger says that it is archived, and storage does not have it. */
  | 'message-missing'
  /** Storage has it in another size than the ledger says. */
  | 'message-size-differs'
  /** Storage protects it less than holds and retention in the ledger demand. */
  | 'lock-too-weak'
  /** Storage protects it beyond what any schedule in the ledger gave reason for: it could not be disposed of. */
  | 'lock-too-long'
  /** The ledger certifies that it was destroyed, and storage still has it. */
  | 'message-not-destroyed'
  /** It was ordered an hour ago or longer that it be destroyed, and nothing says that it was. */
  | 'disposal-unfinished'
  /** A certificate of disposal says that a sidecar line is erased, and it is still there. */
  | 'line-not-erased'
  /** Two generations of the same bytes are archived: one of them was captured as if the other had been disposed of. */
  | 'archived-twice'
  /** Storage has it, and no entry names it: a crash between storing and recording. */
  | 'orphan'
  /** Storage has an order to dispose of it, and the ledger has none: these bytes cannot be captured. */
  | 'order-unknown'
  | 'index-damaged'
  | 'index-behind'
  /** Archived, and not in the index. */
  | 'index-lacks'
  /** In the index, and not archived. */
  | 'index-extra'
  /** The index takes it for disposed of, and it is not: it would never be found. */
  | 'index-removed'
  /** The index knows it as another message. */
  | 'index-differs'
  | 'catalog-behind'
  | 'catalog-differs';

/** One fault. `place` says where: an entry, a batch, a segment, a digest. Never content. */
export interface Finding {
  readonly code: FindingCode;
  readonly place: string;
  readonly problem: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
}
