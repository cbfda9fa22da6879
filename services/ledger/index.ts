export * from './entries/index.ts';
export * from './hash-tiles.ts';
export * from './ledger-fault.ts';
export * from './ledger-store.ts';
export * from './ledger.ts';
export * from './signer.ts';
