import { deleteCurrent } from '#object-storage';
import type { Probe } from '../probe.ts';
import { attackProbe } from './attack.ts';
import type { CanaryCage } from './canary-cage.ts';

const destroyed =
  'Locked messages can be deleted. Nothing here is write-once: move to a service that refuses this, and keep a backup until then.';

/** Every way to delete a locked version without a bypass. */
export function deleteAttacks(cage: CanaryCage): readonly Probe[] {
  return [
    attackProbe(cage, {
      name: 'delete-version',
      tries: 'Delete a locked version',
      must: 'refused',
      consequence: destroyed,
      attack: async ({ key, versionId }) => cage.bucket.deleteVersion(key, versionId),
    }),
    attackProbe(cage, {
      name: 'delete-current',
      tries: 'Delete a locked object without naming its version',
      must: 'harmless',
      consequence: destroyed,
      attack: async ({ key }) => deleteCurrent(cage.bucket, key),
    }),
    attackProbe(cage, {
      name: 'delete-batch',
      tries: 'Delete a locked version in a batch',
      // A batch is accepted as a whole and says per object what it refused.
      must: 'harmless',
      consequence: destroyed,
      attack: async ({ key, versionId }) => cage.bucket.removeAll([{ key, versionId }]),
    }),
  ];
}
