import type { Clock } from '#kernel';
import { type Bucket, isObjectStorageFault, type ObjectVersion } from '#object-storage';
import type { SidecarBasis } from '../../ledger-store.ts';
import { keysWithVersions, versionsAt } from './key-versions.ts';
import { erasingPrefix, sidecarNameOf, sidecarPrefix } from './ledger-keys.ts';

interface Erasing {
  readonly bucket: Bucket;
  readonly clock: Clock;
}

/** A note without a version that fits it belongs to somebody who is about to put one, or died before: so long it is kept. */
const noteMs = 86_400_000;

/**
 * Nothing can be overwritten in a bucket with versions: what remains is put as a new version, and only then are the others
 * destroyed. Beside it lies a note with what remains, from before the first step to after the last, so that an erasure
 * which a crash or a failure cut short after the new version was there is finished by the next one, or at the next start.
 * (One that was cut short before it has erased nothing, and its caller, who got no answer, repeats it.)
 */
export async function eraseFromSidecar(
  { bucket, clock }: Erasing,
  name: string,
  remaining: Buffer,
  basis?: SidecarBasis,
): Promise<'erased' | 'changed'> {
  await finishErasures({ bucket, clock });
  const key = sidecarPrefix + name;
  // Before its versions are looked at: what comes after this makes the writing fail.
  const current = await currentEtag(bucket, key);
  const { all, oldest } = await versionsAt(bucket, key);
  if (oldest === undefined) return 'erased';
  if (basis !== undefined && !(await isNewestFitting(bucket, all, basis))) return 'changed';
  const note = await bucket.put(erasingPrefix + name, remaining);
  if (!(await bucket.replace(key, remaining, current))) {
    if (note !== undefined) await bucket.deleteVersion(erasingPrefix + name, note);
    return basis === undefined ? await eraseFromSidecar({ bucket, clock }, name, remaining) : 'changed';
  }
  // Another process may have finished it, note and all, while the reply was lost and the request repeated.
  const isDone = await finishErasure({ bucket, clock }, name);
  if (!isDone) await destroyOlder(bucket, key, remaining);
  return 'erased';
}

/** Undefined where a delete marker hides it. */
async function currentEtag(bucket: Bucket, key: string): Promise<string | undefined> {
  try {
    return (await bucket.head(key)).etag;
  } catch (error) {
    if (isObjectStorageFault(error, 'not-found')) return undefined;
    throw error;
  }
}

/** What others put over a sidecar does not fit; what another process has left of it does. */
async function isNewestFitting(
  bucket: Bucket,
  all: readonly ObjectVersion[],
  { bytes: known, fits }: SidecarBasis,
): Promise<boolean> {
  for (const { key, kind, versionId } of all) {
    const bytes = kind === 'version' ? await bytesUnlessGone(bucket, key, versionId) : undefined;
    if (bytes !== undefined && fits(bytes)) return bytes.equals(known);
  }
  // None fits: then what was read is the current one, as `readSidecar` gives it.
  return true;
}

/** Finishes what was cut short. */
export async function finishErasures({ bucket, clock }: Erasing): Promise<void> {
  for await (const { key } of keysWithVersions(bucket, erasingPrefix)) {
    const name = sidecarNameOf(key, erasingPrefix);
    if (name !== undefined) await finishErasure({ bucket, clock }, name);
  }
}

/**
 * Only what is older than a version with what remains is destroyed: of several that do this at once none destroys the
 * newest, so that what remains is never lost. Nothing is put here, so that an old note cannot bring back lines.
 * @returns false where no note says what remains of it
 */
async function finishErasure({ bucket, clock }: Erasing, name: string): Promise<boolean> {
  const noteKey = erasingPrefix + name;
  const { all } = await versionsAt(bucket, noteKey);
  for (const [index, { kind, modifiedAt, versionId }] of all.entries()) {
    const bytes = kind === 'version' ? await bytesUnlessGone(bucket, noteKey, versionId) : undefined;
    const isDone = bytes !== undefined && (await destroyOlder(bucket, sidecarPrefix + name, bytes));
    // Notes before one that is done are done with it. A younger one that is not belongs to somebody who is at it.
    const over = isDone ? all.slice(index) : all.slice(index, index + 1);
    const isOver = isDone || kind === 'marker' || clock.now() - modifiedAt >= noteMs;
    if (isOver) for (const one of over.toReversed()) await bucket.deleteVersion(noteKey, one.versionId);
    if (isDone) return true;
  }
  return false;
}

/** False where no version has what remains. */
async function destroyOlder(bucket: Bucket, key: string, remaining: Buffer): Promise<boolean> {
  const { all } = await versionsAt(bucket, key);
  for (const [index, { kind, versionId }] of all.entries()) {
    const bytes = kind === 'version' ? await bytesUnlessGone(bucket, key, versionId) : undefined;
    if (bytes?.equals(remaining) !== true) continue;
    for (const older of all.slice(index + 1).toReversed()) await bucket.deleteVersion(key, older.versionId);
    return true;
  }
  return false;
}

/** Undefined where another process has destroyed the version since it was listed. */
async function bytesUnlessGone(bucket: Bucket, key: string, versionId: string): Promise<Buffer | undefined> {
  try {
    return (await bucket.get(key, versionId)).bytes;
  } catch (error) {
    if (isObjectStorageFault(error, 'not-found')) return undefined;
    throw error;
  }
}
