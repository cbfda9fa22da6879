import type { Clock } from '#kernel';
import type { RetryPolicy } from './batch-writer.ts';
import type { HandOver } from './hand-over.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { RandomSource } from './random-source.ts';
import type { Signer } from './signer.ts';

export interface LedgerOptions {
  readonly store: LedgerStore;
  /** Absent: this process commits nothing and signs no checkpoint; without `handOver` it only reads. */
  readonly signer?: Signer;
  /** The way to the process that commits for all. Where it does not answer this process commits, if it has the signer. */
  readonly handOver?: HandOver;
  /** How long a process without signer waits for a committer, in milliseconds; 10,000 by default. */
  readonly patienceMs?: number;
  readonly clock: Clock;
  /** How long the first entry of a batch waits for company, in milliseconds; 0 by default. */
  readonly lingerMs?: number;
  /** How a failing store is tried again. */
  readonly retry?: RetryPolicy;
  /** Where batch ids and salts come from; the system's by default. */
  readonly random?: RandomSource;
}

export type SigningLedgerOptions = LedgerOptions & { readonly signer: Signer };
