import { inParallel } from '#kernel';
import { isObjectStorageFault, type Bucket, type ObjectVersion } from '#object-storage';
import { forbidsDisposal, noLock } from '../../blob-lock.ts';
import type { BlobDisposal, DispositionOrder } from '../../blob-store.ts';
import { isLocked } from '../blob-faults.ts';
import { headWithLock, type KnownVersion } from './record-finding.ts';
import { disposedSize, isTombstone, keyOf, tombstoneOf } from './record-format.ts';

const AT_ONCE = 8;

/**
 * Destroys every version of a message's key, whoever has put it, and every part of an upload to it. First all locks are asked;
 * then a tombstone goes over the message, so that from here on nobody stores this generation again; then each version is
 * deleted by its id, without a bypass: storage itself refuses if a hold came in between. Repeated after a crash it goes on.
 */
export async function disposeRecord(bucket: Bucket, order: DispositionOrder): Promise<BlobDisposal> {
  const key = keyOf(order);
  const listed = await bucket.versionsOf(key);
  const known = await lookAt(bucket, listed);
  const tombstone = known.find(({ head }) => isTombstone(head));
  const copies = known.filter(({ head }) => !isTombstone(head));
  if (copies.some(({ head }) => forbidsDisposal(head.lock, order.orderedAt))) throw isLocked(order);
  const size = copies.at(-1)?.head.size ?? (tombstone === undefined ? 0 : disposedSize(tombstone.head));
  if (tombstone === undefined) {
    const { bytes, metadata } = tombstoneOf(order, size);
    await bucket.put(key, bytes, { metadata, contentType: 'application/json', lock: noLock });
  }
  for (const { versionId } of copies) await deleteUnlessLocked(bucket, order, versionId);
  // Markers say nothing of the message, but hide the tombstone from whoever creates.
  for (const { kind, versionId } of listed) if (kind === 'marker') await bucket.deleteVersion(key, versionId);
  await bucket.abortUploads(key);
  return { versions: copies.length, size };
}

async function lookAt(bucket: Bucket, listed: readonly ObjectVersion[]): Promise<KnownVersion[]> {
  const versions = listed.filter(({ kind }) => kind === 'version');
  const known = await inParallel(versions, AT_ONCE, async ({ key, versionId }) => {
    const head = await headWithLock(bucket, key, versionId);
    return head === undefined ? [] : [{ versionId, head }];
  });
  return known.flat();
}

async function deleteUnlessLocked(bucket: Bucket, order: DispositionOrder, versionId: string): Promise<void> {
  try {
    await bucket.deleteVersion(keyOf(order), versionId);
  } catch (error) {
    if (isObjectStorageFault(error, 'refused')) throw isLocked(order);
    throw error;
  }
}
