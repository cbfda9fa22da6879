import { inParallel } from '#kernel';
import { type Bucket, isObjectStorageFault, type ObjectVersion } from '#object-storage';
import { noted, type Observation, passed, type Probe } from '../probe.ts';
import { CanaryCage } from './canary-cage.ts';

const atOnce = 16;
/** Younger canaries of another run may still be attacked. */
const HOUR = 3_600_000;

/** Comes last: takes away what this run planted and what earlier ones had to leave, as far as locks allow. */
export function canariesRemoved(cage: CanaryCage): Probe {
  return {
    name: 'canaries-removed',
    tries: 'Take the canaries away again',
    severity: 'fault',
    consequence: '',
    async run() {
      let removed = 0;
      // Some services list a key only after another one is gone.
      for (;;) {
        const versions = await removable(cage);
        const outcomes = await inParallel(versions, atOnce, (version) => remove(cage.bucket, version));
        const gone = outcomes.filter(Boolean).length;
        removed += gone;
        if (gone === 0) return told(removed, versions.length, await cage.retainUntil());
      }
    },
  };
}

function told(removed: number, left: number, until: number): Observation {
  if (left === 0) return passed(`all ${removed} versions are removed`);
  return noted(
    `${removed} versions are removed; ${left} are locked, those of this run until ${new Date(until).toISOString()}`,
    'A later run removes them, an hour after they were made and when their locks have ended. Where this credential may delete nothing, let a lifecycle rule of the bucket expire the prefix doctor/.',
  );
}

async function removable(cage: CanaryCage): Promise<readonly ObjectVersion[]> {
  const now = await cage.bucket.serverTime();
  const versions: ObjectVersion[] = [];
  for await (const version of cage.bucket.versions(CanaryCage.allCages)) {
    const isHeldCanary = !version.key.slice(CanaryCage.allCages.length).includes('/');
    const isOurs = version.key.startsWith(cage.prefix);
    if (!isHeldCanary && (isOurs || now - version.modifiedAt > HOUR)) versions.push(version);
  }
  return versions;
}

/** Governance canaries go by the bypass, where this credential has it. Whether it went. */
async function remove(bucket: Bucket, version: ObjectVersion): Promise<boolean> {
  if (await isDeleted(bucket, version, false)) return true;
  return bucket.lockMode === 'governance' && isDeleted(bucket, version, true);
}

async function isDeleted(
  bucket: Bucket,
  { key, versionId }: ObjectVersion,
  bypassGovernance: boolean,
): Promise<boolean> {
  try {
    await bucket.deleteVersion(key, versionId, { bypassGovernance });
    return true;
  } catch (error) {
    if (!isObjectStorageFault(error, 'refused')) throw error;
    return false;
  }
}
