import { defaultRetentionOf } from '#object-storage';
import { noted, notApplicable, passed, type Probe } from '../probe.ts';
import { attempt } from './attempt.ts';
import { bytesOf, type CanaryCage } from './canary-cage.ts';

const name = 'delete-unlocked';

/** The control of the attacks by deleting: a credential that may delete nothing is refused whether or not a lock holds. */
export function deleteUnlocked(cage: CanaryCage): Probe {
  return {
    name,
    tries: 'Delete a version that nothing locks',
    severity: 'fault',
    consequence: '',
    async run() {
      // Where it is put on nothing, it may still be enforced.
      const defaulted = await defaultRetentionOf(cage.bucket);
      if (defaulted !== undefined) return notApplicable("the bucket's default retention is for everything");
      const key = cage.keyOf(name);
      const versionId = (await cage.bucket.put(key, bytesOf(name))) ?? 'null';
      const { refused, answer } = await attempt(async () => cage.bucket.deleteVersion(key, versionId));
      if (!refused) return passed('deleted: what refuses the attacks is the lock');
      return noted(
        `this credential may delete nothing: ${answer}`,
        "That is as it should be from day to day; but then it is this credential's lack of rights that refuses the attacks. Run `muniment doctor` once with the credential of the bucket's owner.",
      );
    },
  };
}
