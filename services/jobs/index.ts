export * from './job-fault.ts';
export * from './job-queue.ts';
