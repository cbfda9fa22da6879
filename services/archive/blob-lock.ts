import type { BlobLock } from './blob-store.ts';

/** No duty to keep. */
export const noLock: BlobLock = { legalHold: false, retainUntil: null };

/** What both locks ask for together: the later end of retention, and a hold if either has one. */
export function strongerLock(a: BlobLock, b: BlobLock): BlobLock {
  return { legalHold: a.legalHold || b.legalHold, retainUntil: laterOf(a.retainUntil, b.retainUntil) };
}

export function sameLock(a: BlobLock, b: BlobLock): boolean {
  return a.legalHold === b.legalHold && a.retainUntil === b.retainUntil;
}

/** Whether a lock forbids destruction at a moment: a legal hold, or retention that runs beyond it. */
export function forbidsDisposal(lock: BlobLock, at: number): boolean {
  return lock.legalHold || (lock.retainUntil !== null && lock.retainUntil > at);
}

function laterOf(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
