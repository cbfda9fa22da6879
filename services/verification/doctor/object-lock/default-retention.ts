import { defaultRetentionOf } from '#object-storage';
import { failed, notApplicable, passed, type Probe } from '../probe.ts';
import { bytesOf, type CanaryCage } from './canary-cage.ts';

const DAY = 86_400_000;
/** The service's clock has whole seconds, and the object is made a little before or after we ask for the time. */
const LEEWAY = 60_000;

export function defaultRetention(cage: CanaryCage): Probe {
  return {
    name: 'default-retention',
    tries: "Store an object without a lock where the bucket's default gives it one",
    severity: 'fault',
    consequence:
      'What comes without a lock of its own carries none: as far as it is protected at all, it is by a setting of the bucket that can be changed. This program always sends a lock; do not rely on the default for anything else.',
    async run() {
      const rule = await defaultRetentionOf(cage.bucket);
      if (rule === undefined) return notApplicable('the bucket has no default retention');
      const now = await cage.bucket.serverTime();
      const key = cage.keyOf('default-retention');
      const versionId = await cage.bucket.put(key, bytesOf('default-retention'));
      const lock = await cage.bucket.lockOf(key, versionId ?? 'null');
      const expected = `${rule.mode} for ${rule.days} days`;
      if (lock.mode !== rule.mode || lock.retainUntil === null) return failed(`no lock came, instead of ${expected}`);
      const early = now + rule.days * DAY - lock.retainUntil;
      return early <= LEEWAY
        ? passed(`${expected}, as the bucket says`)
        : failed(`the lock is shorter than ${expected}`);
    },
  };
}
