import type { StoredLock } from '#object-storage';

/** A small object of a probe's own, as it was planted. */
export interface Canary {
  readonly key: string;
  readonly versionId: string;
  readonly bytes: Buffer;
  /** What storage was asked to keep. */
  readonly lock: StoredLock;
}

/** What of the lock is not as it was asked for; undefined: nothing. */
export function lockDifference(asked: StoredLock, found: StoredLock): string | undefined {
  if (found.mode !== asked.mode) return `its mode is ${found.mode ?? 'none'} instead of ${asked.mode ?? 'none'}`;
  if (found.retainUntil !== asked.retainUntil) {
    return `it is kept until ${timeText(found.retainUntil)} instead of ${timeText(asked.retainUntil)}`;
  }
  if (found.legalHold !== asked.legalHold) return `its hold is ${found.legalHold ? 'on' : 'off'}`;
  return undefined;
}

function timeText(milliseconds: number | null): string {
  return milliseconds === null ? 'never' : new Date(milliseconds).toISOString();
}
