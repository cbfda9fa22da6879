import { createHash } from 'node:crypto';
import type { Digest } from '#kernel';
import type { Bucket, ObjectHead, ObjectVersion } from '#object-storage';
import type { BlobRef } from '../../blob-store.ts';
import { disposedSize, isTombstone, keyOf } from './record-format.ts';
import { unlessGone } from './storage-failure.ts';

/** A version of a message's key, looked at. */
export interface KnownVersion {
  readonly versionId: string;
  readonly head: ObjectHead;
}

/** What all versions of one key together say. */
export type Found =
  /** `record` is the oldest version that has the message's bytes; `others` are what somebody has put there besides. */
  | { readonly state: 'live'; readonly record: KnownVersion; readonly others: readonly string[] }
  | { readonly state: 'disposed'; readonly size: number }
  | { readonly state: 'absent' }
  /** Versions, of which none has the message's bytes. */
  | { readonly state: 'damaged'; readonly place: string };

/**
 * Looks at all versions of a message's key. A delete marker or a newer version hides nothing: what was stored first and has the
 * right bytes is the record.
 */
export async function findRecord(bucket: Bucket, ref: BlobRef): Promise<Found> {
  return judgeVersions(bucket, ref, await bucket.versionsOf(keyOf(ref)));
}

/** The same for versions that were listed already, newest first. */
export async function judgeVersions(bucket: Bucket, ref: BlobRef, listed: readonly ObjectVersion[]): Promise<Found> {
  const versions = listed.filter(({ kind }) => kind === 'version').toReversed();
  let tombstone: ObjectHead | undefined;
  let foreign: string | undefined;
  for (const { key, versionId } of versions) {
    const head = await headWithLock(bucket, key, versionId);
    if (head === undefined) continue;
    if (isTombstone(head)) tombstone = head;
    else if (await hasBytes(bucket, ref.digest, { versionId, head }, versions.length === 1)) {
      const others = versions.map((version) => version.versionId).filter((id) => id !== versionId);
      return { state: 'live', record: { versionId, head }, others };
    } else foreign = `${key} version ${versionId}`;
  }
  if (tombstone !== undefined) return { state: 'disposed', size: disposedSize(tombstone) };
  return foreign === undefined ? { state: 'absent' } : { state: 'damaged', place: foreign };
}

/** Some services leave the lock of older versions out of HEAD: it is asked for then. Undefined when the version is gone. */
export async function headWithLock(bucket: Bucket, key: string, versionId: string): Promise<ObjectHead | undefined> {
  const head = await unlessGone(bucket.head(key, versionId));
  if (head === undefined || head.lockTold) return head;
  const lock = await unlessGone(bucket.lockOf(key, versionId));
  return lock === undefined ? undefined : { ...head, lock };
}

/**
 * Whether a version has the message's bytes, by the checksum that storage keeps. Where it keeps none of the whole (parts) the only
 * version is taken for the record, and checked when it is read; one among several is read to know.
 */
async function hasBytes(
  bucket: Bucket,
  digest: Digest,
  { versionId, head }: KnownVersion,
  only: boolean,
): Promise<boolean> {
  if (head.sha256 !== undefined) return head.sha256 === digest;
  return only || (await digestOfVersion(bucket, head.key, versionId)) === digest;
}

/** Reads a version to its end. Undefined when it is gone. */
export async function digestOfVersion(bucket: Bucket, key: string, versionId: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  const read = async () => {
    for await (const chunk of bucket.stream(key, versionId)) hash.update(chunk);
    return hash.digest('hex');
  };
  return unlessGone(read());
}
