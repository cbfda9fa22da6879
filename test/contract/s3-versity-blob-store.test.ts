import { afterAll, beforeAll } from '@jest/globals';
import type { Bucket } from '#object-storage';
import { describeVariant } from '../describe-variant.ts';
import { lockedBucket } from '../s3-buckets.ts';
import { describeBlobStore } from './blob-store.ts';
import { s3BlobStoreUnderTest, S3Archive } from './s3-archive.ts';

describeVariant('s3-versity', 'the archive on another S3 server', () => {
  let bucket: Bucket;

  beforeAll(async () => {
    bucket = await lockedBucket('s3-versity');
  });
  afterAll(async () => bucket[Symbol.asyncDispose]());

  describeBlobStore('S3BlobStore', async () => {
    const archive = await S3Archive.make('s3-versity', { bucket: bucket.name });
    // It looks at the lock, and deletes later: a hold that it acknowledged in between is lost with the version.
    return { ...(await s3BlobStoreUnderTest(archive)), serverFaults: { deletesWhatIsHeldMeanwhile: true } };
  });
});
