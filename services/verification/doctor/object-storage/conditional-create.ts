import { inParallel } from '#kernel';
import { type Bucket, isObjectStorageFault, ObjectStorageFault } from '#object-storage';
import { bytesOf, type CanaryCage } from '../object-lock/canary-cage.ts';
import { failed, passed, type Probe } from '../probe.ts';

const name = 'conditional-create';
const writers = 50;

/** The ledger's compare-and-swap: without it two writers each believe that theirs is the batch. */
export function conditionalCreate(cage: CanaryCage): Probe {
  return {
    name,
    tries: `Create one key by ${writers} writers at once, each only if it is absent`,
    severity: 'refuse',
    consequence:
      'Writers would replace what others have written, and the ledger could fork. Do not start on this service: use one that heeds "If-None-Match: *".',
    async run() {
      const key = cage.keyOf(name);
      const bodies = Array.from({ length: writers }, () => bytesOf(name));
      const answers = await inParallel(bodies, writers, (bytes) => createOnce(cage.bucket, key, bytes));
      const winners = bodies.filter((_, at) => answers[at] === 'created');
      const versions = (await cage.bucket.versionsOf(key)).length;
      if (winners.length > 1) return failed(`${winners.length} of ${writers} won, and ${versions} versions are there`);
      if (versions !== 1) return failed(`${winners.length} won, and ${versions} versions are there`);
      if (winners.length === 1 && !(await cage.bucket.get(key)).bytes.equals(winners[0] ?? Buffer.of())) {
        return failed('one won, and the bytes of another are there');
      }
      // The answer to the winner may have been lost.
      return passed('exactly one won');
    },
  };
}

async function createOnce(bucket: Bucket, key: string, bytes: Buffer): Promise<'created' | 'lost' | 'unknown'> {
  try {
    const { outcome } = await bucket.create(key, bytes, { attempts: 1 });
    return outcome === 'created' ? 'created' : 'lost';
  } catch (error) {
    if (!(error instanceof ObjectStorageFault)) throw error;
    if (isObjectStorageFault(error, 'conflict')) return 'lost';
    if (isObjectStorageFault(error, 'unavailable')) return 'unknown';
    throw error;
  }
}
