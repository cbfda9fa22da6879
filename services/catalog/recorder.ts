import type { Ledger } from '#ledger';
import type { Catalog } from './catalog.ts';

/** What everything that changes or reads the state needs: the ledger to say it in, and the catalog once it has been folded. */
export interface Recorder {
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  /** Folds everything committed so far into the catalog and the search index. */
  catchUp(): Promise<void>;
}
