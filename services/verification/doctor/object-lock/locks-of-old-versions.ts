import { failed, passed, type Probe } from '../probe.ts';
import { lockDifference } from './canary.ts';
import { bytesOf, type CanaryCage } from './canary-cage.ts';

const name = 'locks-of-old-versions';

export function locksOfOldVersions(cage: CanaryCage): Probe {
  return {
    name,
    tries: 'Read the lock of an older version by HEAD and by GET',
    severity: 'fault',
    consequence:
      'HEAD and GET do not tell what is locked. This program then asks for the lock by itself, which takes two requests more; other programs may take the version for unlocked.',
    async run() {
      const { key, versionId, lock } = await cage.plant(name);
      await cage.bucket.put(key, bytesOf('a newer version'));
      const answers = { HEAD: await cage.bucket.head(key, versionId), GET: await cage.bucket.get(key, versionId) };
      const problems = Object.entries(answers).flatMap(([method, { lock: told, lockTold }]) => {
        const difference = lockTold ? lockDifference(lock, told) : 'it says nothing of the lock';
        return difference === undefined ? [] : [`${method}: ${difference}`];
      });
      return problems.length === 0 ? passed('both tell the lock') : failed(problems.join('; '));
    },
  };
}
