import { bucketSettings } from '#object-storage';
import type { CanaryCage } from '../object-lock/canary-cage.ts';
import { failed, passed, type Probe } from '../probe.ts';

export function versioningAndLock(cage: CanaryCage): Probe {
  return {
    name: 'bucket-settings',
    tries: 'Ask whether the bucket keeps versions and takes locks',
    severity: 'refuse',
    consequence: 'No record can be kept here. Make a new bucket with Object Lock: it cannot be had later everywhere.',
    async run() {
      const { versioning, objectLock } = await bucketSettings(cage.bucket);
      if (versioning && objectLock) return passed('versioning and Object Lock are on');
      return failed([...(versioning ? [] : ['no versioning']), ...(objectLock ? [] : ['no Object Lock'])].join(', '));
    },
  };
}
