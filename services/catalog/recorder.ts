import type { Ledger } from '#ledger';
import type { Catalog } from './catalog.ts';

/** What everything that changes or reads the state needs: the ledger to say it in, and the catalog once it has been folded. */
export interface Recorder {
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  /** Folds everything committed before the call into the catalog. The search index follows in its own time. */
  fold(): Promise<void>;

  /** The same, and the search index is up with it when this returns. */
  catchUp(): Promise<void>;
}
