export * from './entries/index.ts';
export * from './ledger-store.ts';
