import { deleteCurrent } from '#object-storage';
import { bytesOf, type CanaryCage } from '../object-lock/canary-cage.ts';
import { noted, passed, type Probe } from '../probe.ts';

const name = 'create-over-marker';

/** No failure either way: it says what an owner's delete marker does to "create if absent". */
export function createOverMarker(cage: CanaryCage): Probe {
  return {
    name,
    tries: 'Create a key, only if it is absent, that a delete marker hides',
    severity: 'fault',
    consequence: '',
    async run() {
      const { key } = await cage.plant(name);
      await deleteCurrent(cage.bucket, key);
      const { outcome } = await cage.bucket.create(key, bytesOf(name));
      if (outcome === 'created') return passed('created, as on AWS: the oldest version of a key is the record');
      return noted(
        'refused, unlike AWS',
        'A key that somebody has put a marker over cannot be written again before the marker is taken away.',
      );
    },
  };
}
