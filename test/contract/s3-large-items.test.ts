import { afterEach, beforeEach, describe } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bucket } from '#object-storage';
import { S3LargeItems } from '../../services/ingest/adapters/s3-large-items.ts';
import { describeVariant } from '../describe-variant.ts';
import { bucketOptions } from '../s3-buckets.ts';
import { largeItemsContract } from './large-items.ts';

describe.each([
  ['without versions', false],
  ['with versions', true],
])('a bucket %s', (_what, objectLock) => {
  describeVariant('s3', 'S3LargeItems', () => {
    let temporaryFolder = '';
    let bucket: Bucket;
    beforeEach(async () => {
      temporaryFolder = await mkdtemp(join(tmpdir(), 'muniment-large-items-'));
      bucket = new Bucket(await bucketOptions('s3'));
      await bucket.make({ objectLock });
    });
    afterEach(async () => {
      await bucket[Symbol.asyncDispose]();
      await rm(temporaryFolder, { recursive: true, force: true });
    });

    largeItemsContract(
      'S3LargeItems',
      async (clock) => await Promise.resolve(new S3LargeItems({ bucket, temporaryFolder, clock })),
    );
  });
});
