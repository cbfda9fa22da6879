import { noted, passed, type Probe } from '../probe.ts';
import { attempt } from './attempt.ts';
import { attackProbe } from './attack.ts';
import { type Canary } from './canary.ts';
import { CanaryCage } from './canary-cage.ts';

/** A hold without a retention keeps a version; and whether this credential may lift holds. */
export function legalHoldProbes(cage: CanaryCage): readonly Probe[] {
  return [holdKeeps(cage), liftHold(cage)];
}

function holdKeeps(cage: CanaryCage): Probe {
  return attackProbe(cage, {
    name: 'hold-keeps',
    tries: 'Delete a version that has a hold and no retention',
    must: 'refused',
    consequence:
      'A hold does not keep what it is put on. Holds rest on this program alone: move to a service that refuses this.',
    plant: heldCanary,
    attack: async ({ key, versionId }) =>
      cage.bucket.deleteVersion(key, versionId, { bypassGovernance: cage.bucket.lockMode === 'compliance' }),
  });
}

/**
 * The same canary in every run, never let go: whoever may set holds may not always lift them, and a new one in each run would
 * stay for good.
 */
async function heldCanary(cage: CanaryCage): Promise<Canary> {
  const key = `${CanaryCage.allCages}held`;
  const lock = { retainUntil: null, legalHold: true };
  const bytes = Buffer.from(
    'A canary of muniment doctor that is held: whoever deletes it shows that holds do not hold.\n',
  );
  const oldest = (await cage.bucket.versionsOf(key)).findLast(({ kind }) => kind === 'version');
  const versionId = oldest?.versionId ?? (await cage.bucket.put(key, bytes, { lock }));
  const canary = cage.canaryOf(key, versionId, { bytes, lock });
  const found = await cage.bucket.lockOf(key, canary.versionId);
  if (oldest !== undefined && !found.legalHold) await cage.bucket.putLegalHold(key, canary.versionId, true);
  // The bucket's default retention may be on it.
  return { ...canary, lock: { ...found, legalHold: true } };
}

function liftHold(cage: CanaryCage): Probe {
  const consequence =
    'Whoever has this credential can lift the holds that storage keeps. Give the program one that may set them only, and lift ' +
    'them with another; the ledger records both either way.';
  return {
    name: 'lift-hold',
    tries: 'Send "no hold" for a version of our own',
    severity: 'fault',
    consequence,
    async run() {
      // The version has no hold: the right to send this is the same, and nothing stays held where it is lacking.
      const { key, versionId } = await cage.plant('lift-hold');
      const { refused, answer } = await attempt(async () => cage.bucket.putLegalHold(key, versionId, false));
      return refused
        ? passed(`this credential may not: ${answer}`)
        : noted('this credential may lift holds', consequence);
    },
  };
}
