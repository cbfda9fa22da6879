import { streamInParallel } from '#kernel';
import { isObjectStorageFault, type Bucket, type ObjectVersion } from '#object-storage';
import type { BlobDamage, BlobRef, BlobStat } from '../../blob-store.ts';
import { digestOfVersion, judgeVersions } from './record-finding.ts';
import { isTombstone, RECORD_PREFIX, refOf, statOf } from './record-format.ts';
import { unlessGone } from './storage-failure.ts';

/** All versions and markers of one key, newest first. */
type KeyVersions = readonly [ObjectVersion, ...ObjectVersion[]];

/**
 * Every message that can be read, with its lock: one request each, or three where it has none, some at once, besides one for
 * each thousand versions. Those that are skipped cost no request of their own.
 */
export async function* listRecords(
  bucket: Bucket,
  atOnce: number,
  skip: (ref: BlobRef) => boolean = () => false,
): AsyncGenerator<BlobStat> {
  const stats = streamInParallel(keysOf(bucket), atOnce, async (versions) => {
    const ref = refOf(versions[0].key);
    if (ref === undefined || skip(ref)) return undefined;
    const found = await judgeVersions(bucket, ref, versions);
    return found.state === 'live' ? statOf(ref, found.record.head) : undefined;
  });
  for await (const stat of stats) if (stat !== undefined) yield stat;
}

/** Every generation at whose key a tombstone counts. Costs what listing them as messages does. */
export async function* listTombstones(
  bucket: Bucket,
  atOnce: number,
  skip: (ref: BlobRef) => boolean = () => false,
): AsyncGenerator<BlobRef> {
  const found = streamInParallel(keysOf(bucket), atOnce, async (versions) => {
    const ref = refOf(versions[0].key);
    if (ref === undefined || skip(ref)) return undefined;
    return (await judgeVersions(bucket, ref, versions)).state === 'disposed' ? ref : undefined;
  });
  for await (const ref of found) if (ref !== undefined) yield ref;
}

/** Reads every version there is, and names what is not as it was stored and what somebody else has put there. */
export async function* scrubRecords(bucket: Bucket, atOnce: number): AsyncGenerator<BlobDamage> {
  const damages = streamInParallel(keysOf(bucket), atOnce, async (versions) => scrubKey(bucket, versions));
  for await (const some of damages) yield* some;
}

async function scrubKey(bucket: Bucket, versions: KeyVersions): Promise<readonly BlobDamage[]> {
  const [{ key }] = versions;
  const ref = refOf(key);
  if (ref === undefined) return [{ place: key, problem: 'this is no key of the record' }];
  const seen = { record: undefined as string | undefined, tombstone: false, problems: [] as BlobDamage[] };
  for (const version of versions.toReversed()) {
    const place = `${key} version ${version.versionId}`;
    const kind = await kindOf(bucket, ref, version);
    if (kind === 'gone') continue;
    if (kind === 'tombstone') seen.tombstone = true;
    else if (kind === 'message' && seen.record === undefined) seen.record = place;
    else seen.problems.push({ ref, place, problem: PROBLEMS[kind] });
  }
  if (seen.record !== undefined && seen.tombstone) {
    seen.problems.push({ ref, place: seen.record, problem: 'it is marked as disposed of, and still there' });
  }
  return seen.problems;
}

type VersionKind = 'gone' | 'tombstone' | 'message' | 'marker' | 'foreign' | 'unreadable';

const PROBLEMS: Readonly<Record<Exclude<VersionKind, 'gone' | 'tombstone'>, string>> = {
  message: 'the message was stored over itself: a second version of the same bytes',
  marker: 'a delete marker that this program did not set',
  foreign: 'the bytes are not those of the message',
  unreadable: 'the object storage cannot read it',
};

async function kindOf(bucket: Bucket, ref: BlobRef, version: ObjectVersion): Promise<VersionKind> {
  const { key, versionId, kind } = version;
  if (kind === 'marker') return 'marker';
  const head = await unlessGone(bucket.head(key, versionId));
  if (head === undefined) return 'gone';
  if (isTombstone(head)) return 'tombstone';
  const digest = await digestUnlessUnreadable(bucket, key, versionId);
  if (digest === undefined || digest === 'unreadable') return digest ?? 'gone';
  return digest === ref.digest ? 'message' : 'foreign';
}

/** A service that finds its disk damaged may answer "slow down" for ever, for this object alone: the others are still read. */
async function digestUnlessUnreadable(bucket: Bucket, key: string, versionId: string): Promise<string | undefined> {
  try {
    return await digestOfVersion(bucket, key, versionId);
  } catch (error) {
    if (!isObjectStorageFault(error, 'unavailable')) throw error;
    await bucket.serverTime();
    return 'unreadable';
  }
}

async function* keysOf(bucket: Bucket): AsyncGenerator<KeyVersions> {
  let current: [ObjectVersion, ...ObjectVersion[]] | undefined;
  for await (const version of bucket.versions(RECORD_PREFIX)) {
    if (current !== undefined && current[0].key === version.key) {
      current.push(version);
      continue;
    }
    if (current !== undefined) yield current;
    current = [version];
  }
  if (current !== undefined) yield current;
}
