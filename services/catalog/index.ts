export type { QuarantineRecord } from './accounting.ts';
export { Catalog } from './catalog.ts';
export * from './catalog-fault.ts';
export type { DispositionRecord, ScheduleRecord } from './dispositions.ts';
export type { HoldRecord } from './holds.ts';
export type { MatterRecord } from './matters.ts';
export type { MessageRecord, MessageState } from './messages.ts';
export type { SightingRecord } from './sightings.ts';
export type { CollectionRecord, SourceRecord } from './sources.ts';
