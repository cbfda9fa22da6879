import { noted, passed, type Probe } from '../probe.ts';
import { attempt } from './attempt.ts';
import { attackProbe } from './attack.ts';
import type { CanaryCage } from './canary-cage.ts';

const name = 'bypass-governance';
const tries = 'Delete a locked version with the right to bypass governance';

/** In compliance nobody may. In governance it says whether this very credential may, which is no fault of storage. */
export function bypassGovernance(cage: CanaryCage): Probe {
  if (cage.bucket.lockMode === 'compliance') {
    return attackProbe(cage, {
      name,
      tries,
      must: 'refused',
      consequence: 'Compliance can be bypassed here, so nothing is write-once: move to a service that refuses this.',
      attack: async ({ key, versionId }) => cage.bucket.deleteVersion(key, versionId, { bypassGovernance: true }),
    });
  }
  const consequence =
    'Whoever has this credential can delete what is locked. Give the program one without s3:BypassGovernanceRetention, and keep ' +
    'the other where two people are needed; or use compliance, which nobody can undo.';
  return {
    name,
    tries,
    severity: 'worm',
    consequence,
    async run() {
      const { key, versionId } = await cage.plant(name);
      const { refused, answer } = await attempt(async () =>
        cage.bucket.deleteVersion(key, versionId, { bypassGovernance: true }),
      );
      if (refused) return passed(`this credential may not: ${answer}`);
      return noted('this credential may bypass governance', consequence);
    },
  };
}
