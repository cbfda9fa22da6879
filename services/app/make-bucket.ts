import { systemClock } from '#kernel';
import { Bucket, requireObjectLock } from '#object-storage';
import { bucketOptionsOf } from './bucket-stores.ts';
import type { S3Place } from './store-urls.ts';

/** Object Lock cannot be given later by every service: a bucket that is there without it is refused, and left as it is. */
export async function makeBucket(archive: S3Place, name: string, objectLock: boolean): Promise<void> {
  await using bucket = new Bucket(bucketOptionsOf(archive, { bucket: name, prefix: '' }, systemClock));
  await bucket.make({ objectLock });
  if (objectLock) await requireObjectLock(bucket);
}
