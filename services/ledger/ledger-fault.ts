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
  /** What is stored, or what would be signed, is not a continuation of what was signed before. */
  | 'inconsistent-history'
  /** The hash tiles, or the ledger, do not reach the size that was asked for. */
  | 'not-reached'
  | 'invalid-checkpoint'
  | 'invalid-proof';

export class LedgerFault extends Fault<LedgerFaultCode> {}
