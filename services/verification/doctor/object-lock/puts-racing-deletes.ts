import { inParallel } from '#kernel';
import { deleteCurrent } from '#object-storage';
import { failed, notApplicable, passed, type Observation, type Probe } from '../probe.ts';
import { attempt } from './attempt.ts';
import type { Canary } from './canary.ts';
import { bytesOf, type CanaryCage } from './canary-cage.ts';

const name = 'puts-racing-deletes';
const writes = 256;
const atOnce = 8;

export function putsRacingDeletes(cage: CanaryCage): Probe {
  return {
    name,
    tries: `Store ${writes} locked versions of one key while it is deleted as often`,
    severity: 'worm',
    consequence:
      'Versions that were acknowledged as locked can be lost while somebody deletes. Let nobody but this program write to or delete from the bucket, and move to a service that keeps every one of them.',
    async run() {
      const key = cage.keyOf(name);
      const { refused, answer } = await attempt(async () => deleteCurrent(cage.bucket, key));
      if (refused) return notApplicable(`this credential may not delete: ${answer}`);
      const rounds = Array.from({ length: writes }, (_, round) => round);
      const planted: Canary[] = [];
      // What is refused meanwhile was not acknowledged, and nobody counts on it.
      await Promise.all([
        inParallel(rounds, atOnce, () => attempt(async () => planted.push(await plant(cage, key)))),
        inParallel(rounds, atOnce, () => attempt(async () => deleteCurrent(cage.bucket, key))),
      ]);
      return verdict(await inParallel(planted, atOnce, (canary) => cage.harmTo(canary)));
    },
  };
}

async function plant(cage: CanaryCage, key: string): Promise<Canary> {
  const [bytes, lock] = [bytesOf(name), await cage.lock()];
  return cage.canaryOf(key, await cage.bucket.put(key, bytes, { lock }), { bytes, lock });
}

function verdict(harms: readonly (string | undefined)[]): Observation {
  if (harms.length === 0) return failed('none was acknowledged');
  const counts = new Map<string, number>();
  for (const harm of harms) if (harm !== undefined) counts.set(harm, (counts.get(harm) ?? 0) + 1);
  if (counts.size === 0) return passed(`all ${harms.length} that were acknowledged are there, and locked`);
  return failed([...counts].map(([harm, times]) => `${times} of ${harms.length}: ${harm}`).join('; '));
}
