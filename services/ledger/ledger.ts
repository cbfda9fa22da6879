import type { Clock, Sequence } from '#kernel';
import type { Entry, EntryDraft } from './entries/index.ts';
import type { HashTiles } from './hash-tiles.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { Signer, TreeHead } from './signer.ts';

export interface LedgerOptions {
  readonly store: LedgerStore;
  /** Absent: read-only. */
  readonly signer?: Signer;
  readonly clock: Clock;
  /** How long the first entry of a batch waits for company, in milliseconds; 0 by default. */
  readonly lingerMs?: number;
}

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

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly sequences: readonly Sequence[] }
  /** Nothing was written: the policy entry at `policy` is newer than the one the drafts were judged by. */
  | { readonly outcome: 'stale'; readonly policy: number };

/** What the newest batch says. */
export interface LedgerHead extends TreeHead {
  /** Sequence of the last policy entry, -1 when there is none. */
  readonly policy: number;
  /** Time of the newest batch. */
  readonly time: number;
  readonly epoch: number;
  /** Origin line of this epoch's checkpoints. */
  readonly origin: string;
  /** The key that signs the next batch, 32 bytes, base64. */
  readonly publicKey: string;
}

export declare class Ledger implements AsyncDisposable {
  /**
   * Begins a ledger with epoch 0 and a new salt for sighting keys.
   * @throws LedgerFault `already-exists`
   */
  static create(
    options: LedgerOptions & { readonly signer: Signer; readonly origin: string; readonly actor: string },
  ): Promise<Ledger>;

  /**
   * Opens a ledger by its newest batch and the chain of its keys; not by reading it all.
   * @throws LedgerFault `no-ledger`, `damaged`, `wrong-key`, `inconsistent-history` (what is stored is shorter than what
   *   this signer signed)
   */
  static open(options: LedgerOptions): Promise<Ledger>;

  /** The newest committed state this instance knows of. */
  get head(): LedgerHead;

  /**
   * Records all drafts of the call next to each other, durable on return; calls that arrive while a batch is being written
   * share the next. With `policy`, the last policy entry by which the drafts were judged, they are only written while no
   * newer one exists. May be called again with the same drafts after `store-unavailable`: what turned out to be in is not
   * written twice.
   * @throws LedgerFault `too-large`, `invalid-entry`, `wrong-key`, `read-only`, `store-unavailable`, `damaged`
   */
  append(drafts: readonly EntryDraft[], judged?: { readonly policy?: number }): Promise<AppendOutcome>;

  /** Batches that have entries in `[from, to)`, whole, ascending; up to the head at the time of the call when `to` is absent. @throws `damaged` */
  read(from: number, to?: number): AsyncIterable<LedgerBatch>;

  /** One entry. @throws `not-found`, `damaged` */
  entry(sequence: number): Promise<Entry>;

  /** The bytes that are the leaf of one entry: what a proof proves. @throws `not-found`, `damaged` */
  entryBytes(sequence: number): Promise<Buffer>;

  /** Called after each commit this instance sees, its own or another writer's. Returns the way to end it. */
  onCommitted(listener: (head: LedgerHead) => void): () => void;

  /** Looks for batches that other writers added; returns the head after them. */
  refresh(): Promise<LedgerHead>;

  /** The salt that sighting keys are made with (`sightingKey`). */
  sightingSalt(): Promise<string>;

  /**
   * A C2SP checkpoint (text) of the first `size` entries, all when absent: of committed state read back, consistent with
   * every checkpoint this key signed before.
   * @throws LedgerFault `inconsistent-history`, `not-reached` (tiles lag behind), `read-only`
   */
  checkpoint(tiles: HashTiles, size?: number): Promise<string>;

  /** A C2SP tlog-proof (text) that the entry at `sequence` is in the tree of the checkpoint that is inside it. */
  proof(tiles: HashTiles, sequence: number, size?: number): Promise<string>;

  /** The next batch, and all after it, are signed by `next`. */
  rotateKey(next: Signer, by: { readonly actor: string; readonly reason?: string }): Promise<Sequence>;

  /** Empties the sidecar lines of these entries, durable on return. Idempotent; entries without an aside are passed over. */
  eraseAsides(sequences: readonly number[]): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}
