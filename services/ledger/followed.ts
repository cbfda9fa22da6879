import type { LedgerBatch } from './ledger-batch.ts';

/** Something derived from the ledger: a catalog, an index. It keeps its position with its content. */
export interface Followed {
  /** How many entries it has taken in. */
  position(): number;

  /**
   * Takes in the entries from `position()` on and moves the position behind the batch, both or neither. The batch may
   * begin before the position when the position lies within it.
   */
  apply(batch: LedgerBatch): Promise<void>;
}
