export { type Certificate, Disposition } from './disposition.ts';
export { endOfPeriod, parsePeriod, type Period } from './period.ts';
export { Retention } from './retention.ts';
export * from './retention-fault.ts';
