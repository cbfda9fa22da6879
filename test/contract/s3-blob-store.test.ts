import { afterAll, beforeAll } from '@jest/globals';
import type { Bucket } from '#object-storage';
import { describeVariant } from '../describe-variant.ts';
import { lockedBucket } from '../s3-buckets.ts';
import { describeBlobStore } from './blob-store.ts';
import { s3BlobStoreUnderTest, S3Archive } from './s3-archive.ts';

describeVariant('s3', 'the archive on S3', () => {
  let bucket: Bucket;

  beforeAll(async () => {
    bucket = await lockedBucket('s3');
  });
  afterAll(async () => bucket[Symbol.asyncDispose]());

  describeBlobStore('S3BlobStore', async () =>
    s3BlobStoreUnderTest(await S3Archive.make('s3', { bucket: bucket.name })),
  );
});
