import { failed, passed, type Probe } from '../probe.ts';
import type { CanaryCage } from './canary-cage.ts';

export function lockAtCreation(cage: CanaryCage): Probe {
  return {
    name: 'lock-at-creation',
    tries: 'Create an object with a lock, and read the lock back',
    severity: 'worm',
    consequence:
      'Messages would lie unlocked. Use a bucket with Object Lock on a service that heeds the lock headers of a PUT.',
    async run() {
      const harm = await cage.harmTo(await cage.plant('lock-at-creation'));
      return harm === undefined ? passed('the lock is as it was asked for') : failed(harm);
    },
  };
}
