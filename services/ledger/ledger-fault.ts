import { Fault } from '#kernel';

export type LedgerFaultCode =
  /** The medium failed. `facts.outcome` is `unknown` where the entries may have been written all the same. */
  | 'store-unavailable'
  /** A batch, a sidecar or a key is not what was written. */
  | 'damaged'
  | 'not-found'
  /** `create` where a ledger is, `open` where none is. */
  | 'already-exists'
  | 'no-ledger'
  /** An entry of more than 65,535 bytes, or a call that does not fit into one batch. */
  | 'too-large'
  /** A draft that its kind's schema refuses. */
  | 'invalid-entry'
  /** The signer's key is not the one that signs this ledger now. */
  | 'wrong-key'
  /** Opened without a signer. */
  | 'read-only'
  /** `attest` was given something else than a list of sums. */
  | 'not-attestable'
  /** No process that commits for others could be reached, or it did not answer. `facts.outcome`: `none` or `unknown`. */
  | 'committer-unreachable'
  /** A call whose caller knows less of the ledger than the committer keeps in memory: it has to catch up, then repeat. */
  | 'behind'
  /** The secret that processes share is too short to keep others out. */
  | 'weak-secret'
  /** The store does not do what the ledger's safety rests on. */
  | 'unsafe-store'
  /** What is stored, or what would be signed, is not a continuation of what was signed before. */
  | 'inconsistent-history'
  /** The hash tiles, or the ledger, do not reach the size that was asked for. */
  | 'not-reached'
  | 'invalid-checkpoint'
  | 'invalid-proof';

export class LedgerFault extends Fault<LedgerFaultCode> {}
