export { HoldFlags } from './hold-flags.ts';
export { HoldJudge } from './hold-judge.ts';
export { LegalHolds, type PlacedHold } from './legal-holds.ts';
export { Matters } from './matters.ts';
export * from './matters-fault.ts';
export { savedSearchName } from './saved-search-name.ts';
export { SavedSearches, type SavingOrder } from './saved-searches.ts';
export { covered, isUnjudged, type Unjudged, unjudgedAmong, unjudgedBy, widest } from './unjudged.ts';
export { unsweptWarnings } from './unswept-warnings.ts';
