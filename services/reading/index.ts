export type { Certificate } from './certificate.ts';
export { MessageReader } from './message-reader.ts';
export * from './reading.ts';
export * from './reading-fault.ts';
export { type Facet, type FacetBucket, type FacetName, facetNames } from './facets.ts';
export type { Difference, Repetition, RepetitionReason, RepetitionResult } from './repetition.ts';
export type { RecordedSearch } from './search-list.ts';
export * from './searching.ts';
export type { TermHits, TermReport } from './term-report.ts';
