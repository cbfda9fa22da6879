import { PutBucketPolicyCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { expect, jest, test } from '@jest/globals';
import { systemClock } from '#kernel';
import { Bucket, type LockMode, type PutOptions, type StoredLock } from '#object-storage';
import { examine, lockExamination, objectStorageProbes, type ProbeResult, refusals } from '#verification';
import { describeVariant } from '../describe-variant.ts';
import { bucketOptions, lockedBucket } from '../s3-buckets.ts';
import type { ServerName } from '../servers.ts';

// Some thousand requests to a server that may still have to be started.
jest.setTimeout(300_000);

/** A new bucket with Object Lock, whose default retention is a day in governance. */
async function bucketWithDefault(server: ServerName, lockMode: LockMode): Promise<Bucket> {
  const bucket = await lockedBucket(server, { prefix: 'archive/', lockMode });
  await bucket.connection.client.send(
    new PutObjectLockConfigurationCommand({
      Bucket: bucket.name,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
      },
    }),
  );
  return bucket;
}

async function resultsOf(bucket: Bucket): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  for await (const result of examine(await objectStorageProbes(bucket, systemClock))) results.push(result);
  return results;
}

/** `name` of each probe with this outcome, with its severity where it failed. */
function named(results: readonly ProbeResult[], outcome: ProbeResult['outcome']): readonly string[] {
  return results
    .filter((result) => result.outcome === outcome)
    .map(({ name, severity }) => (outcome === 'failed' ? `${name} (${severity})` : name));
}

/** Neither mode hides a fault; what a credential may do is told in governance, which can be bypassed. */
function expectFaults(
  server: ServerName,
  expected: {
    readonly failed: readonly string[];
    readonly noted: readonly string[];
    readonly verdict: 'sound' | 'unsound';
  },
) {
  const only: Readonly<
    Record<LockMode, { readonly noted: readonly string[]; readonly notApplicable: readonly string[] }>
  > = {
    governance: { noted: ['bypass-governance', 'lift-hold'], notApplicable: ['delete-unlocked', 'switch-mode'] },
    compliance: { noted: ['lift-hold', 'canaries-removed'], notApplicable: ['delete-unlocked'] },
  };
  test.each(['governance', 'compliance'] as const)('has these faults, and no others, in %s', async (mode) => {
    await using bucket = await bucketWithDefault(server, mode);
    const results = await resultsOf(bucket);
    expect(named(results, 'failed')).toEqual(expected.failed);
    expect(lockExamination(results)?.verdict).toBe(expected.verdict);
    expect(named(results, 'undecided')).toEqual([]);
    expect(named(results, 'noted')).toEqual([...expected.noted, ...only[mode].noted]);
    expect(named(results, 'not-applicable')).toEqual(only[mode].notApplicable);
    expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(15);
  });
}

describeVariant('s3', 'MinIO under attack', () => {
  expectFaults('s3', { failed: ['key-below-key (fault)'], noted: [], verdict: 'sound' });

  test('nothing stands against starting, and of the canaries only the one that is held is left', async () => {
    await using bucket = await bucketWithDefault('s3', 'governance');
    const results = await resultsOf(bucket);
    expect(refusals(results)).toEqual([]);
    const left: string[] = [];
    for await (const { key } of bucket.versions('doctor/')) left.push(key);
    expect(left).toEqual(['doctor/held']);
  });

  test('a bucket without Object Lock is found, and what cannot be tried is not said to be well', async () => {
    await using bucket = new Bucket(await bucketOptions('s3', { lockMode: 'governance' }));
    await bucket.make({ objectLock: false });
    const results = await resultsOf(bucket);
    expect(refusals(results).map(({ name }) => name)).toEqual(['bucket-settings']);
    expect(named(results, 'undecided')).toEqual(expect.arrayContaining(['lock-at-creation', 'delete-version']));
    expect(lockExamination(results)?.verdict).toBe('unsound');
  });

  test('a service that says it locks, and does not, fails each probe of a lock', async () => {
    await using bucket = new LyingBucket(await bucketOptions('s3', { lockMode: 'compliance' }));
    await bucket.make({ objectLock: true });
    expect(named(await resultsOf(bucket), 'failed')).toEqual([
      'delete-version (worm)',
      'delete-batch (worm)',
      'shorten-retention (worm)',
      'lift-retention (worm)',
      'switch-mode (worm)',
      'bypass-governance (worm)',
      'hold-keeps (worm)',
      'locks-of-old-versions (fault)',
      'key-below-key (fault)',
    ]);
  });

  test('a service that says it keeps versions, and does not, fails each probe of them', async () => {
    await using bucket = new LyingBucket(await bucketOptions('s3', { lockMode: 'governance' }));
    await bucket.make({ objectLock: false });
    expect(named(await resultsOf(bucket), 'failed')).toEqual([
      'bucket-settings (refuse)',
      'delete-version (worm)',
      'delete-current (worm)',
      'delete-batch (worm)',
      'overwrite (worm)',
      'copy-over (worm)',
      'hold-keeps (worm)',
      'puts-racing-deletes (worm)',
      'locks-of-old-versions (fault)',
      'key-below-key (fault)',
    ]);
  });
});

/** Sends no locks, and answers as if it had. */
class LyingBucket extends Bucket {
  readonly #said = new Map<string, StoredLock>();

  override async put(
    key: string,
    bytes: Uint8Array,
    { lock, ...options }: PutOptions = {},
  ): Promise<string | undefined> {
    const versionId = await super.put(key, bytes, options);
    if (lock !== undefined) {
      this.#said.set(`${key} ${versionId ?? 'null'}`, {
        mode: lock.retainUntil === null ? undefined : this.lockMode,
        ...lock,
      });
    }
    return versionId;
  }

  override async lockOf(key: string, versionId: string): Promise<StoredLock> {
    return this.#said.get(`${key} ${versionId}`) ?? super.lockOf(key, versionId);
  }
}

describeVariant('s3-ceph', "Ceph's object gateway under attack", () => {
  expectFaults('s3-ceph', {
    failed: ['conditional-create (refuse)', 'multipart-lock (worm)', 'wrong-sha256 (fault)', 'wrong-crc32 (fault)'],
    noted: [],
    verdict: 'unsound',
  });

  test('with a credential that may delete nothing, it says that the lock was not what refused', async () => {
    await using bucket = await lockedBucket('s3-ceph', { lockMode: 'governance' });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: [
            's3:DeleteObject',
            's3:DeleteObjectVersion',
            's3:BypassGovernanceRetention',
            's3:PutObjectLegalHold',
          ],
          Resource: `arn:aws:s3:::${bucket.name}/*`,
        },
      ],
    });
    await bucket.connection.client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }));
    const results = await resultsOf(bucket);
    expect(named(results, 'noted')).toEqual(['delete-unlocked', 'canaries-removed']);
    expect(named(results, 'not-applicable')).toEqual(['switch-mode', 'puts-racing-deletes', 'default-retention']);
    expect(named(results, 'passed')).toEqual(expect.arrayContaining(['bypass-governance', 'lift-hold']));
  });
});

describeVariant('s3-versity', "Versity's gateway under attack", () => {
  expectFaults('s3-versity', {
    failed: [
      'puts-racing-deletes (worm)',
      'default-retention (fault)',
      'locks-of-old-versions (fault)',
      'versions-by-pages (fault)',
      'key-below-key (fault)',
    ],
    noted: ['create-over-marker'],
    verdict: 'unsound',
  });
});
