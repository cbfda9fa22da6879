import type { Sequence } from '#kernel';
import type { ExaminationRecord, FailedProbe } from './examinations.ts';

/** Who keeps the lock of stored bytes: this program, or storage in one of its modes. */
export type LockKeeper = 'application' | ExaminationRecord['lock'];

/**
 * Whether storage may be called write-once. `none`: it has no lock of its own; `never-examined`: it says that it locks, and
 * nobody has tried; `sound`: every attack on a lock was tried and none did harm; `lapsed`: that is too long ago; `withdrawn`:
 * one did harm, and none after it has shown otherwise.
 */
export type Worm = 'none' | 'never-examined' | 'sound' | 'lapsed' | 'withdrawn';

export interface WormStanding {
  readonly worm: Worm;
  readonly lock: LockKeeper;
  /** The ledger entry since which it is so; null for `none` and `never-examined`. */
  readonly since: Sequence | null;
  /** When the lock was proven last, in milliseconds since 1970; null where it is not proven. */
  readonly proven: number | null;
  /** Why it is withdrawn; empty otherwise. */
  readonly failed: readonly FailedProbe[];
}

const DAY = 86_400_000;
/** How long a proof holds: one daily examination may be missed. */
const proofMilliseconds = 2 * DAY;

/**
 * What examinations say of storage.
 * @param last the last examination that counts
 * @param now when it is asked, in milliseconds since 1970; the time of the entry as of which it is asked
 */
export function wormStanding(lock: LockKeeper, last: ExaminationRecord | undefined, now: number): WormStanding {
  const unproven = { lock, since: null, proven: null, failed: [] };
  if (lock === 'application') return { ...unproven, worm: 'none' };
  if (last === undefined || last.lock !== lock || last.worm === 'never-examined') {
    return { ...unproven, worm: 'never-examined' };
  }
  const { worm, since, proven, failed } = last;
  // Also of a proof that lies ahead: the clock was wrong then, or is now.
  const isLapsed = proven !== null && Math.abs(now - proven) > proofMilliseconds;
  return { worm: isLapsed ? 'lapsed' : worm, lock, since, proven, failed };
}
