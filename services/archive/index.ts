export * from './archive-fault.ts';
export * from './blob-lock.ts';
export * from './blob-store.ts';
export * from './compression.ts';
