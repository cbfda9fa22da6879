export { type AppendOutcome, type Judged } from './append-outcome.ts';
export {
  type Checkpoint,
  type CheckpointSignature,
  makeCheckpoint,
  parseCheckpoint,
  signatureOf,
  verifyCheckpoint,
} from './checkpoint.ts';
export * from './entries/index.ts';
export * from './followed.ts';
export * from './hand-over.ts';
export * from './hash-tiles.ts';
export * from './ledger-batch.ts';
export * from './ledger-fault.ts';
export * from './ledger-options.ts';
export * from './ledger-store.ts';
export * from './ledger.ts';
export { isSignedBy } from './ed25519.ts';
export { type EpochDecision } from './new-epoch.ts';
export * from './proof-text.ts';
export * from './proof.ts';
export { type RandomSource } from './random-source.ts';
export * from './signer.ts';
export { emptyRoot, Frontier, leafHash } from './tree.ts';
export * from './sighting-key.ts';
export * from './verify.ts';
export { sidecarName } from './sidecar.ts';
