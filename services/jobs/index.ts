export * from './job-fault.ts';
export * from './job-queue.ts';
export * from './job-payload.ts';
export * from './lease-check.ts';
export * from './leases.ts';
