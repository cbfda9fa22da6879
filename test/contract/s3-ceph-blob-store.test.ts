import { expect, test } from '@jest/globals';
import { bucketSettings } from '#object-storage';
import { describeVariant } from '../describe-variant.ts';
import { S3Archive } from './s3-archive.ts';

/** This release of Ceph takes `If-None-Match: *` and ignores it: what one process stored, another could put its own over. */
describeVariant('s3-ceph', 'the archive on an S3 server that creates what is there already', () => {
  test('is not opened, and says why', async () => {
    await using archive = await S3Archive.make('s3-ceph');
    expect(await bucketSettings(archive.owner)).toMatchObject({ versioning: true, objectLock: true });
    await expect(archive.open()).rejects.toMatchObject({
      code: 'store-unavailable',
      facts: { storage: 'unsuitable-bucket' },
      message: expect.stringContaining('If-None-Match'),
    });
  });
});
