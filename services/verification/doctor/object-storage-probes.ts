import type { Clock } from '#kernel';
import type { Bucket } from '#object-storage';
import { clockDrift } from './machine/clock-drift.ts';
import { bypassGovernance } from './object-lock/bypass-governance.ts';
import { canariesRemoved } from './object-lock/canaries-removed.ts';
import { CanaryCage } from './object-lock/canary-cage.ts';
import { defaultRetention } from './object-lock/default-retention.ts';
import { deleteUnlocked } from './object-lock/delete-unlocked.ts';
import { deleteAttacks } from './object-lock/delete-attacks.ts';
import { legalHoldProbes } from './object-lock/legal-hold.ts';
import { lockAtCreation } from './object-lock/lock-at-creation.ts';
import { locksOfOldVersions } from './object-lock/locks-of-old-versions.ts';
import { multipartLock } from './object-lock/multipart-lock.ts';
import { overwriteAttacks } from './object-lock/overwrite-attacks.ts';
import { putsRacingDeletes } from './object-lock/puts-racing-deletes.ts';
import { retentionAttacks } from './object-lock/retention-attacks.ts';
import { versioningAndLock } from './object-storage/bucket-settings.ts';
import { conditionalCreate } from './object-storage/conditional-create.ts';
import { createOverMarker } from './object-storage/create-over-marker.ts';
import { exactBytes } from './object-storage/exact-bytes.ts';
import { strangersRefused } from './object-storage/strangers.ts';
import { versionListing } from './object-storage/version-listing.ts';
import { wrongChecks } from './object-storage/wrong-checks.ts';
import { about, type ListedProbe } from './probe.ts';

/** In their order: the last one takes the canaries away again. */
export function probesOfBucket(bucket: Bucket, clock: Clock): readonly ListedProbe[] {
  const cage = new CanaryCage(bucket);
  const probes = [
    versioningAndLock(cage),
    clockDrift('object-storage', async () => bucket.serverTime(), clock),
    conditionalCreate(cage),
    createOverMarker(cage),
    lockAtCreation(cage),
    deleteUnlocked(cage),
    ...deleteAttacks(cage),
    ...overwriteAttacks(cage),
    ...retentionAttacks(cage),
    bypassGovernance(cage),
    ...legalHoldProbes(cage),
    multipartLock(cage),
    putsRacingDeletes(cage),
    defaultRetention(cage),
    locksOfOldVersions(cage),
    ...versionListing(cage),
    ...wrongChecks(cage),
    exactBytes(cage),
    strangersRefused(cage),
    canariesRemoved(cage),
  ];
  const waiting = probes.map((probe) => ({ ...probe, run: async () => cage.ready().then(() => probe.run()) }));
  return about('storage', waiting);
}
