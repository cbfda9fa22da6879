import type { AppendOutcome, Judged } from './append-outcome.ts';
import type { CheckedDraft } from './entry-codec.ts';

/**
 * Entries of one `append`, as one process gives them to another to commit. At least one draft has a salt that its caller
 * drew, so that the call is recognised wherever it lies in the ledger.
 */
export interface HandedCall {
  /** Random, 32 hex digits; the same when the call is repeated. */
  readonly id: string;
  /**
   * A size of the ledger before which the call does not lie: what its caller knew when it made the call, or has searched
   * since. Whoever commits the call first looks whether it is in from here on, so that it is written once, however many
   * replies get lost and however many processes commit it.
   */
  readonly since: number;
  /** How many entries the caller knows: the batches from there on come with the answer, where they are at hand. */
  readonly known: number;
  readonly drafts: readonly CheckedDraft[];
  readonly judged: Judged;
  /** Aborted when nobody waits for the answer any more: a call that has no place yet is then not written. */
  readonly signal?: AbortSignal;
}

/** A batch as it lies in the store. Whoever gets it checks its signature, and that it continues what it knows. */
export interface SentBatch {
  readonly first: number;
  readonly bytes: Buffer;
}

export interface HandedAnswer {
  readonly outcome: AppendOutcome;
  readonly batches: readonly SentBatch[];
}

/** The way to the process that commits for all: many writers that race for the same position starve each other. */
export interface HandOver extends AsyncDisposable {
  /**
   * Has the call committed; durable on return. May be repeated, here and elsewhere.
   * @throws LedgerFault `committer-unreachable` (no committer, no answer; `facts.outcome` is `none` where nothing can have
   *   been written, else `unknown`), `behind` (look from `since` on by yourself first), `too-large`, `invalid-entry`
   */
  append(call: HandedCall): Promise<HandedAnswer>;
}
