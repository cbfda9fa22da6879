import type { Clock } from '#kernel';
import type { Bucket } from '#object-storage';
import type { ListedProbe } from './probe.ts';

/**
 * What to try on a bucket that is to keep the record, in its order: the last one takes the canaries away again. Loaded here,
 * because the client of S3 comes with it: who examines a machine only does without.
 */
export async function objectStorageProbes(bucket: Bucket, clock: Clock): Promise<readonly ListedProbe[]> {
  const { probesOfBucket } = await import('./object-storage-probes.ts');
  return probesOfBucket(bucket, clock);
}
