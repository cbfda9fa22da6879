import { isObjectStorageFault, type Bucket, type StoredLock } from '#object-storage';
import { strongerLock } from '../../blob-lock.ts';
import type { BlobLock } from '../../blob-store.ts';
import { headWithLock, type KnownVersion } from './record-finding.ts';
import { unavailable, unlessGone, weakLock } from './storage-failure.ts';

/** Storage takes no end of retention in its past, and a request takes time to arrive. */
const RETENTION_AHEAD_MILLISECONDS_MIN = 3_000;
/** Beyond it nobody can say what a date means (DESIGN.md section 6). */
const CLOCK_SKEW_MILLISECONDS_MAX = 60_000;
const ATTEMPTS = 3;

/**
 * The lock to ask storage for: never weaker than wanted. A retention that has ended, or ends in these seconds, is asked for a
 * few seconds longer.
 */
export function lockToAsk(bucket: Bucket, wanted: BlobLock): BlobLock {
  if (wanted.retainUntil === null) return wanted;
  refuseSkewedClock(bucket);
  const earliest = bucket.serviceNow + RETENTION_AHEAD_MILLISECONDS_MIN;
  return { ...wanted, retainUntil: Math.max(wanted.retainUntil, earliest) };
}

/** Whether the retention of a lock has ended by the service's clock, give or take the second that it counts in. */
export function hasEnded(bucket: Bucket, { retainUntil }: BlobLock): boolean {
  return retainUntil !== null && retainUntil <= bucket.serviceNow + 1_000;
}

/** @throws ArchiveFault `store-unavailable` when this machine and the service disagree on the time by more than a minute */
export function refuseSkewedClock(bucket: Bucket): void {
  const seconds = Math.round(bucket.clockSkewMilliseconds / 1_000);
  if (Math.abs(bucket.clockSkewMilliseconds) <= CLOCK_SKEW_MILLISECONDS_MAX) return;
  throw unavailable(
    `The clock of the object storage is ${seconds} s ahead of that of this machine`,
    'Set the clock that is wrong; no lock is set and nothing disposed of until then.',
    undefined,
  );
}

export function isAsStrong(stored: BlobLock, wanted: BlobLock): boolean {
  const together = strongerLock(stored, wanted);
  return together.retainUntil === stored.retainUntil && together.legalHold === stored.legalHold;
}

/**
 * Strengthens the lock of a version until storage itself says that it is as strong as wanted; never weakens it. Undefined
 * when the version is gone.
 * @throws ArchiveFault `store-unavailable` when it stays weaker
 */
export async function secureLock(
  bucket: Bucket,
  version: KnownVersion,
  wanted: BlobLock,
): Promise<BlobLock | undefined> {
  const { versionId } = version;
  const { key } = version.head;
  let stored: StoredLock | undefined = version.head.lock;
  let cause: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (stored === undefined) return undefined;
    if (isAsStrong(stored, wanted)) return { legalHold: stored.legalHold, retainUntil: stored.retainUntil };
    try {
      await strengthen(bucket, key, versionId, stored, lockToAsk(bucket, wanted));
    } catch (error) {
      // Another process may have set a longer one meanwhile: what storage says then decides.
      if (!isObjectStorageFault(error, 'refused') && !isObjectStorageFault(error, 'not-found')) throw error;
      cause = error;
    }
    stored = (await headWithLock(bucket, key, versionId))?.lock;
  }
  if (stored === undefined) return undefined;
  if (isAsStrong(stored, wanted)) return { legalHold: stored.legalHold, retainUntil: stored.retainUntil };
  throw weakLock(key, 'its lock stays weaker than asked', cause);
}

async function strengthen(
  bucket: Bucket,
  key: string,
  versionId: string,
  stored: StoredLock,
  wanted: BlobLock,
): Promise<void> {
  const { retainUntil } = wanted;
  if (retainUntil !== null && retainUntil > (stored.retainUntil ?? 0)) {
    // The mode that a version has cannot be changed without a bypass; its period can be lengthened in it.
    await bucket.putRetention(key, versionId, retainUntil, { mode: stored.mode ?? bucket.lockMode });
  }
  if (wanted.legalHold && !stored.legalHold) await bucket.putLegalHold(key, versionId, true);
}

/**
 * Looks at a version just created with that lock. Where none was asked for, HEAD tells of none, and nothing more is asked.
 * @throws ArchiveFault `store-unavailable` when it has another mode than asked for
 */
export async function readBack(
  bucket: Bucket,
  key: string,
  versionId: string,
  asked: BlobLock,
): Promise<KnownVersion | undefined> {
  const isLocked = asked.legalHold || asked.retainUntil !== null;
  const look = isLocked ? headWithLock(bucket, key, versionId) : unlessGone(bucket.head(key, versionId));
  const head = await look;
  if (head === undefined) return undefined;
  if (bucket.lockMode === 'compliance' && head.lock.mode === 'governance') {
    throw weakLock(key, 'compliance was asked for, and it has governance');
  }
  return { versionId, head };
}
