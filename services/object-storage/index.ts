export * from './bucket.ts';
export * from './bucket-checks.ts';
export * from './bucket-options.ts';
export * from './object-storage-fault.ts';
export * from './provocations.ts';
export * from './stored-object.ts';
