import { liftRetention } from '#object-storage';
import { notApplicable, type Probe } from '../probe.ts';
import { attackProbe } from './attack.ts';
import type { CanaryCage } from './canary-cage.ts';

const weakened =
  'A lock can be weakened before it ends. Nothing here is write-once: move to a service that refuses this to everybody.';

const HALF = 0.5;

/** Every way to make a retention weaker. In compliance the bypass is asked for as well: it must help nobody. */
export function retentionAttacks(cage: CanaryCage): readonly Probe[] {
  const bypassGovernance = cage.bucket.lockMode === 'compliance';
  const probes = [
    attackProbe(cage, {
      name: 'shorten-retention',
      tries: 'Shorten the retention of a locked version',
      must: 'refused',
      consequence: weakened,
      attack: async ({ key, versionId, lock }) => {
        const now = await cage.bucket.serverTime();
        const sooner = now + ((lock.retainUntil ?? now) - now) * HALF;
        await cage.bucket.putRetention(key, versionId, sooner, { bypassGovernance });
      },
    }),
    attackProbe(cage, {
      name: 'lift-retention',
      tries: 'Take the retention of a locked version away',
      must: 'refused',
      consequence: weakened,
      attack: async ({ key, versionId }) => liftRetention(cage.bucket, key, versionId),
    }),
    attackProbe(cage, {
      name: 'switch-mode',
      tries: 'Turn compliance into governance',
      must: 'refused',
      consequence: weakened,
      attack: async ({ key, versionId, lock }) =>
        cage.bucket.putRetention(key, versionId, lock.retainUntil ?? 0, { mode: 'governance', bypassGovernance }),
    }),
  ];
  return probes.map((probe) => (probe.name === 'switch-mode' && !bypassGovernance ? inGovernance(probe) : probe));
}

function inGovernance(probe: Probe): Probe {
  return { ...probe, run: async () => notApplicable('governance is the weaker mode; the other way round is stricter') };
}
