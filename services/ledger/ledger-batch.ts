import type { Sequence } from '#kernel';
import type { Entry } from './entries/index.ts';

/** A batch as readers and followers get it: checked against its signature and, in sequence, against the one before it. */
export interface LedgerBatch {
  readonly first: Sequence;
  readonly batchId: string;
  /** Milliseconds since 1970; the same for all entries; never less than in the batch before. */
  readonly time: number;
  readonly entries: readonly Entry[];
  /** RFC 6962 leaf hashes of 32 bytes, one per entry. */
  readonly leafHashes: readonly Uint8Array[];
}
