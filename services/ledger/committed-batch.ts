import type { Sequence } from '#kernel';
import type { LedgerBatch } from './ledger-batch.ts';

/**
 * A batch that is known to continue the ledger: its signature and its hashes were checked. What its entries say is decoded
 * when somebody asks, since a process that only appends need not know what others wrote.
 */
export class CommittedBatch {
  readonly first: Sequence;
  readonly batchId: string;
  readonly time: number;
  readonly leafHashes: readonly Uint8Array[];
  /** As it lies in the store. */
  readonly bytes: Buffer;
  #decode: () => Promise<LedgerBatch>;

  constructor(batch: Omit<LedgerBatch, 'entries'>, bytes: Buffer, decode: () => Promise<LedgerBatch>) {
    this.first = batch.first;
    this.batchId = batch.batchId;
    this.time = batch.time;
    this.leafHashes = batch.leafHashes;
    this.bytes = bytes;
    this.#decode = decode;
  }

  static of(batch: LedgerBatch, bytes: Buffer): CommittedBatch {
    return new CommittedBatch(batch, bytes, () => Promise.resolve(batch));
  }

  /** Sequence after the last entry. */
  get end(): number {
    return this.first + this.leafHashes.length;
  }

  /** @throws LedgerFault `damaged` */
  async decoded(): Promise<LedgerBatch> {
    const batch = await this.#decode();
    this.#decode = () => Promise.resolve(batch);
    return batch;
  }
}
