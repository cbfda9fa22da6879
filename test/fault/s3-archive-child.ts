import type { BucketOptions } from '#object-storage';
import { S3BlobStore } from '../../services/archive/adapters/s3-blob-store.ts';
import { retainedPut } from './s3-crash-puts.ts';
import { workUntilKilled } from './archive-crash-rounds.ts';

/**
 * Stores, holds and destroys messages in a bucket until it is killed (archive-crash-rounds.ts). Arguments: the bucket's options
 * as JSON, the number of the first message, the end of the retention of those that have one.
 */
const [, , options = '', first = '0', retainUntil = '0'] = process.argv;
const bucket = JSON.parse(options) as BucketOptions;
const store = await S3BlobStore.open({ bucket, inMemoryBytesMax: 8_000 });
await workUntilKilled(store, Number(first), (number) => retainedPut(number, Number(retainUntil)));
