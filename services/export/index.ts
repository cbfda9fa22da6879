export { Exporter, type ExporterParts } from './exporter.ts';
export * from './export-fault.ts';
export { type ExportJob, ExportJobs } from './export-jobs.ts';
export type * from './order.ts';
export { verifierKey } from './public-key.ts';
