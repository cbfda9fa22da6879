import { copyVersion } from '#object-storage';
import type { Probe } from '../probe.ts';
import { attackProbe } from './attack.ts';
import { bytesOf, type CanaryCage } from './canary-cage.ts';

const replaced =
  'What is locked can be replaced. Nothing here is write-once: move to a service that keeps every locked version.';

/** Every way to put something else at the key of a locked version. */
export function overwriteAttacks(cage: CanaryCage): readonly Probe[] {
  return [
    attackProbe(cage, {
      name: 'overwrite',
      tries: 'Store other bytes at the key of a locked version',
      must: 'harmless',
      consequence: replaced,
      attack: async ({ key }) => cage.bucket.put(key, bytesOf('overwrite: other bytes')),
    }),
    attackProbe(cage, {
      name: 'copy-over',
      tries: 'Copy another object over a locked version',
      must: 'harmless',
      consequence: replaced,
      attack: async ({ key }) => {
        const other = cage.keyOf('copy-over-source');
        const versionId = await cage.bucket.put(other, bytesOf('copy-over: source'));
        return copyVersion(cage.bucket, { key: other, versionId: versionId ?? 'null' }, key);
      },
    }),
    attackProbe(cage, {
      name: 'copy-onto-itself',
      tries: 'Copy a locked version onto itself, without a lock and with other metadata',
      must: 'harmless',
      consequence: replaced,
      attack: async (canary) => copyVersion(cage.bucket, canary, canary.key),
    }),
  ];
}
