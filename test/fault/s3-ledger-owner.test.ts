import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '#kernel';
import { Ledger } from '#ledger';
import type { Bucket } from '#object-storage';
import { S3LedgerStore } from '../../services/ledger/adapters/s3-ledger-store.ts';
import { describeVariant } from '../describe-variant.ts';
import { lockedBucket } from '../s3-buckets.ts';
import { captureDraft, damagesIn, newLedger, randomFrom } from '../sample-ledger.ts';

const keyOf = (first: number): string => `ledger/${first.toString(16).padStart(16, '0')}`;

describeVariant('s3', 'an owner of the bucket who means ill', () => {
  let bucket: Bucket;
  const open = (): Promise<S3LedgerStore> => S3LedgerStore.open({ bucket, clock: systemClock });
  beforeAll(async () => {
    bucket = await lockedBucket('s3');
  });
  afterAll(async () => bucket[Symbol.asyncDispose]());

  test('neither forks nor hides history by markers, other versions and signed batches of another time', async () => {
    const { ledger, options } = await newLedger(await open());
    await ledger.append([captureDraft(0), captureDraft(1)]);
    const late = await Ledger.open({ ...options, store: await open(), random: randomFrom('late') });
    await ledger.append([captureDraft(2)]);
    const { root, size } = ledger.head;

    // Hides the newest batch: a writer that has not seen it creates its own there, and the service lets it win.
    await bucket.removeAll([{ key: keyOf(3) }]);
    expect(await late.append([captureDraft(3)])).toEqual({ outcome: 'appended', sequences: [4] });
    expect((await bucket.versionsOf(keyOf(3))).map(({ kind }) => kind)).toEqual(['version', 'marker', 'version']);
    // Writes over a batch with another one that is signed as well.
    const signed = await bucket.get(keyOf(0));
    await bucket.put(keyOf(1), signed.bytes);
    // Hides the beginning.
    await bucket.removeAll([{ key: keyOf(0) }]);

    await ledger.append([captureDraft(4)]);
    const fresh = await Ledger.open({ ...options, store: await open(), random: randomFrom('fresh') });
    await fresh.append([captureDraft(5)]);
    const sightings: unknown[] = [];
    for await (const batch of fresh.read(0)) {
      for (const entry of batch.entries) sightings.push(entry.kind === 'capture' ? entry.size : entry.kind);
    }
    expect(sightings).toEqual(['epoch', 1000, 1001, 1002, 1003, 1004, 1005]);
    const { found, summary } = await damagesIn(await open(), { root, size });
    expect(summary.size).toBe(7);
    expect(found.map(({ place }) => place).toSorted()).toEqual([
      '0000000000000000 (a delete marker)',
      '0000000000000001 (a later version)',
      '0000000000000003 (a delete marker)',
      '0000000000000003 (a later version)',
    ]);
  });

  test('is found out where a batch that was not locked is destroyed for good', async () => {
    const [destroyed] = await bucket.versionsOf(keyOf(4));
    await bucket.deleteVersion(keyOf(4), destroyed?.versionId ?? '');
    const { found } = await damagesIn(await open());
    expect(found).toContainEqual({ place: '4', problem: 'missing: entries 4 to 4' });
  });
});
