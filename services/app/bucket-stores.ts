import { readFileSync } from 'node:fs';
import type { Clock } from '#kernel';
import { Bucket, type BucketOptions } from '#object-storage';
import { S3BlobStore } from '../archive/adapters/s3-blob-store.ts';
import { S3LargeItems } from '../ingest/adapters/s3-large-items.ts';
import { S3LedgerStore } from '../ledger/adapters/s3-ledger-store.ts';
import type { S3Place } from './store-urls.ts';
import { type Stores, storesOf } from './stores.ts';

/** Batches are never destroyed: a hold, unlike a period, need not be renewed. */
const batchLock = { retentionDays: null, legalHold: true };

/** The bucket of a place, or its scratch. */
export function bucketOptionsOf(
  place: S3Place,
  within: Pick<S3Place, 'bucket' | 'prefix'>,
  clock: Clock,
): BucketOptions {
  const { endpoint, region, mode, certificateAuthorityFile: file } = place;
  return {
    bucket: within.bucket,
    prefix: within.prefix,
    region,
    lockMode: mode,
    clock,
    ...(endpoint !== undefined && { endpoint }),
    ...(file !== undefined && { certificateAuthority: readFileSync(file, 'utf8') }),
  };
}

/** The bucket that keeps the record. */
export function bucketOf(place: S3Place, clock: Clock): Bucket {
  return new Bucket(bucketOptionsOf(place, place, clock));
}

/** Opens the stores in a bucket. @throws ArchiveFault; LedgerFault */
export async function openBucketStores(place: S3Place, clock: Clock): Promise<Stores> {
  const options = bucketOptionsOf(place, place, clock);
  await using opening = new AsyncDisposableStack();
  const bucket = opening.use(new Bucket(options));
  const ledgerStore = opening.use(await S3LedgerStore.open({ bucket, clock, batchLock }));
  const archive = opening.use(await S3BlobStore.open({ bucket: options }));
  return storesOf(archive, ledgerStore, opening.move());
}

/** What is too large for Redis, in the scratch bucket. */
export function scratchItems(
  place: S3Place,
  scratch: NonNullable<S3Place['scratch']>,
  temporaryFolder: string,
  clock: Clock,
  opening: AsyncDisposableStack,
): S3LargeItems {
  const bucket = opening.use(new Bucket(bucketOptionsOf(place, scratch, clock)));
  return new S3LargeItems({ bucket, temporaryFolder, clock });
}
