import { newId } from '#kernel';
import { Bucket, type BucketOptions } from '#object-storage';
import { sharedServer, testServerCredentials, type ServerName } from './servers.ts';

/** Options for a bucket of a test's own on the server that the tests share. */
export async function bucketOptions(server: ServerName, changes: Partial<BucketOptions> = {}): Promise<BucketOptions> {
  const { url } = await sharedServer(server);
  return {
    bucket: `test-${newId()}`,
    prefix: '',
    region: 'us-east-1',
    endpoint: url,
    credentials: testServerCredentials,
    ...changes,
  };
}

/** A new bucket that keeps versions and takes locks. */
export async function lockedBucket(server: ServerName, changes: Partial<BucketOptions> = {}): Promise<Bucket> {
  const bucket = new Bucket(await bucketOptions(server, changes));
  await bucket.make({ objectLock: true });
  return bucket;
}
