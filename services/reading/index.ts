export * from './reading.ts';
export * from './reading-fault.ts';
