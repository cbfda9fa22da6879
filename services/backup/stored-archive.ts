import type { BlobStore } from '#archive';
import type { LedgerStore } from '#ledger';

/** The whole state of an archive: its messages and its ledger. A backup is one like any other. */
export interface StoredArchive {
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
}
