import { GetBucketVersioningCommand, GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import { storageFault } from './fault-of-error.ts';
import { isObjectStorageFault } from './object-storage-fault.ts';

export interface BucketSettings {
  readonly versioning: boolean;
  readonly objectLock: boolean;
  /** Whether every object gets a retention that nobody asked for. */
  readonly defaultRetention: boolean;
}

/** @throws ObjectStorageFault `no-such-bucket` */
export async function bucketSettings(bucket: Bucket): Promise<BucketSettings> {
  const { connection, name } = bucket;
  const tried = `tell the settings of the bucket ${name}`;
  const versioning = await connection.send(tried, async () =>
    connection.client.send(new GetBucketVersioningCommand({ Bucket: name })),
  );
  return { versioning: versioning.Status === 'Enabled', ...(await lockSettings(bucket, tried)) };
}

async function lockSettings({ connection, name }: Bucket, tried: string): Promise<Omit<BucketSettings, 'versioning'>> {
  try {
    const answer = await connection.send(tried, async () =>
      connection.client.send(new GetObjectLockConfigurationCommand({ Bucket: name })),
    );
    const { ObjectLockEnabled, Rule } = answer.ObjectLockConfiguration ?? {};
    return {
      objectLock: ObjectLockEnabled === 'Enabled',
      defaultRetention: Rule?.DefaultRetention?.Mode !== undefined,
    };
  } catch (error) {
    if (!isObjectStorageFault(error, 'not-found') && !isObjectStorageFault(error, 'not-supported')) throw error;
    return { objectLock: false, defaultRetention: false };
  }
}

/** @throws ObjectStorageFault `unsuitable-bucket` unless every object can keep its versions and be locked */
export async function requireObjectLock(bucket: Bucket): Promise<void> {
  const { versioning, objectLock } = await bucketSettings(bucket);
  if (versioning && objectLock) return;
  const lacks = [...(versioning ? [] : ['versioning']), ...(objectLock ? [] : ['Object Lock'])].join(' and ');
  throw storageFault('unsuitable-bucket', `keep a record in the bucket ${bucket.name}`, `it lacks ${lacks}`);
}

/**
 * Creates one key twice: some services accept `If-None-Match: *` and ignore it. The key stays, so that a bucket with a
 * default retention fills with no more than one such object.
 * @throws ObjectStorageFault `unsuitable-bucket` when the second one won
 */
export async function proveConditionalCreate(bucket: Bucket, key: string = 'probe/created-once'): Promise<void> {
  const bytes = Buffer.from('Written to see whether this service creates an object only if it is absent.\n');
  const first = await bucket.create(key, bytes);
  if (first.outcome === 'exists') return;
  const second = await bucket.create(key, bytes);
  if (second.outcome === 'exists') return;
  const problem = 'it ignores "If-None-Match: *", so that writers could replace what others have written';
  throw storageFault('unsuitable-bucket', `create an object only once in the bucket ${bucket.name}`, problem);
}
