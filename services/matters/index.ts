export { HoldJudge } from './hold-judge.ts';
export { LegalHolds, type PlacedHold } from './legal-holds.ts';
export { loadDocument } from './load-document.ts';
export { Matters } from './matters.ts';
export * from './matters-fault.ts';
export { isUnjudged, widest } from './unjudged.ts';
