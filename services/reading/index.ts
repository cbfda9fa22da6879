export type { Certificate } from './certificate.ts';
export * from './reading.ts';
export * from './reading-fault.ts';
export type { TermHits, TermReport } from './term-report.ts';
