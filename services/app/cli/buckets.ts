import { z } from 'zod';
import { AppFault } from '../app-fault.ts';
import type { S3Place } from '../store-urls.ts';
import { folderCommand } from './command.ts';

export const bucketsCreate = folderCommand<object>({
  name: 'buckets create',
  summary: 'Make the buckets of an archive where they are missing: the record with Object Lock, scratch without',
  example: 'ARCHIVE_URL=s3://mail?scratch=mail-scratch muniment buckets create',
  creates: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run({ archive }, _input, io) {
    if (archive.kind !== 's3') {
      throw new AppFault('usage', 'An archive in a folder has no buckets.', {
        remedy: 'Set ARCHIVE_URL to s3://BUCKET/PREFIX?…, or leave this out: the folder is made at first use.',
      });
    }
    const { makeBucket } = await import('../make-bucket.ts');
    for (const { bucket, objectLock } of bucketsOf(archive)) {
      await makeBucket(archive, bucket, objectLock);
      io.result({ bucket, objectLock }, `${bucket} is there, ${objectLock ? 'with' : 'without need of'} Object Lock`);
    }
    return 0;
  },
});

/** Scratch may lie in the record's bucket, beside the record: what asks for no lock gets none. */
function bucketsOf({ bucket, scratch }: S3Place): readonly { readonly bucket: string; readonly objectLock: boolean }[] {
  const record = { bucket, objectLock: true };
  const hasOwn = scratch !== undefined && scratch.bucket !== bucket;
  return hasOwn ? [record, { bucket: scratch.bucket, objectLock: false }] : [record];
}
