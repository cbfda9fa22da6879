import { type Bucket, bucketSettings, isObjectStorageFault } from '#object-storage';
import { LedgerFault } from '../../ledger-fault.ts';

/** Fixed keys, so that no start leaves an object that the one before did not. */
const canaries = ['probe/ledger-1', 'probe/ledger-2', 'probe/ledger-3'];
const rivals = 8;

/**
 * Creating an object only where there is none is what keeps several writers from overwriting each other; versions are what
 * keeps an owner from it.
 * @throws LedgerFault `unsafe-store`; ObjectStorageFault
 */
export async function checkBucket(bucket: Bucket, lockWanted: boolean): Promise<void> {
  const { defaultRetention, objectLock, versioning } = await bucketSettings(bucket);
  if (!versioning) throw unsafe(bucket, 'it keeps no versions', 'Enable versioning, or name another bucket.');
  if (lockWanted && !objectLock) {
    throw unsafe(bucket, 'it takes no locks', 'Use a bucket with Object Lock, or do not lock batches.');
  }
  if (defaultRetention) {
    const remedy =
      'Remove the default retention (every lock is asked for explicitly), or give the ledger another bucket.';
    throw unsafe(bucket, 'its default retention would keep what must be erasable', remedy);
  }
  for (const canary of canaries) await race(bucket, canary);
}

/** At most one of many that create the same key at once may win; none, where an earlier start has raced there. */
async function race(bucket: Bucket, canary: string): Promise<void> {
  const bytes = (rival: number): Buffer => Buffer.from(`Rival ${rival} of a race for creating this object.\n`);
  const outcomes = await Promise.all(Array.from({ length: rivals }, (_, i) => outcomeOf(bucket, canary, bytes(i))));
  // Where the race was over before: a service that only looks before it writes lets a late one win.
  outcomes.push(...(outcomes.includes('created') ? ([await outcomeOf(bucket, canary, bytes(rivals))] as const) : []));
  const winners = outcomes.filter((outcome) => outcome === 'created').length;
  if (winners <= 1) return;
  const problem = `it ignores "If-None-Match: *" (${winners} of ${rivals} writers created the same object)`;
  throw unsafe(bucket, problem, 'Use a service that honours conditional writes: writers would overwrite each other.');
}

async function outcomeOf(bucket: Bucket, key: string, bytes: Buffer): Promise<'created' | 'exists'> {
  try {
    return (await bucket.create(key, bytes)).outcome;
  } catch (error) {
    // Another one is creating it just now.
    if (isObjectStorageFault(error, 'conflict')) return 'exists';
    throw error;
  }
}

function unsafe(bucket: Bucket, problem: string, remedy: string): LedgerFault {
  return new LedgerFault('unsafe-store', `a ledger is not safe in the bucket ${bucket.name}: ${problem}`, { remedy });
}
