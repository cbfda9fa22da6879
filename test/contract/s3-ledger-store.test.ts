import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { asSequence, FixedClock, newId, systemClock } from '#kernel';
import { Bucket } from '#object-storage';
import { S3LedgerStore } from '../../services/ledger/adapters/s3-ledger-store.ts';
import { describeVariant } from '../describe-variant.ts';
import { bucketOptions, lockedBucket } from '../s3-buckets.ts';
import { ledgerStoreContract } from './ledger-store.ts';

const firstKey = 'ledger/0000000000000000';
const sidecar = `${'0'.repeat(16)}-${'a'.repeat(32)}`;

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** The bucket, with another process that does something just before an object under a prefix is read, or replaced, for the first time. */
function overtaken(
  bucket: Bucket,
  prefix: string,
  overtake: () => Promise<void>,
  method: 'get' | 'replace' = 'get',
): Bucket {
  let isOver = false;
  return new Proxy(bucket, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== method) return value.bind(target) as unknown;
      return async (...given: unknown[]): Promise<unknown> => {
        if (!isOver && String(given[0]).startsWith(prefix)) {
          isOver = true;
          await overtake();
        }
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
}

describeVariant('s3', 'the ledger on S3', () => {
  let whole: Bucket;
  /** A part of the bucket for each test. */
  let bucket: Bucket;
  const open = (): Promise<S3LedgerStore> => S3LedgerStore.open({ bucket, clock: systemClock });

  beforeAll(async () => {
    whole = await lockedBucket('s3');
  });
  beforeEach(async () => {
    bucket = new Bucket(await bucketOptions('s3', { bucket: whole.name, prefix: `${newId()}/` }));
  });
  afterAll(async () => whole[Symbol.asyncDispose]());

  ledgerStoreContract(async () => ({ store: await open(), reopened: open }));

  describe('what an owner does', () => {
    test('a delete marker hides no batch, and its position is not given away a second time', async () => {
      const store = await open();
      for (const first of [0, 5]) await store.create(asSequence(first), Buffer.from(`batch ${first}`));
      await bucket.removeAll([{ key: firstKey }, { key: 'ledger/0000000000000005' }]);
      for (const each of [store, await open()]) {
        expect(String(await each.read(asSequence(0)))).toBe('batch 0');
        expect(await all(each.list(asSequence(0)))).toEqual([0, 5]);
        expect(await each.newest()).toBe(5);
        expect(await each.create(asSequence(5), Buffer.from('another'))).toBe('exists');
        expect(String(await each.read(asSequence(5)))).toBe('batch 5');
      }
      const strays = await all((await open()).listStrays());
      expect(strays).toContain('0000000000000000 (a delete marker)');
      expect(strays).toContain('0000000000000005 (a delete marker)');
    });

    test('a batch that is written over is still the one that was there first', async () => {
      const store = await open();
      await store.create(asSequence(0), Buffer.from('batch 0'));
      await bucket.put(firstKey, Buffer.from('forged'));
      for (const each of [store, await open()]) expect(String(await each.read(asSequence(0)))).toBe('batch 0');
      expect(await all(store.listStrays())).toEqual(['0000000000000000 (a later version)']);
    });

    test('a marker where no batch is yet is no batch, and keeps none from being created', async () => {
      const store = await open();
      await bucket.removeAll([{ key: firstKey }]);
      expect(await store.newest()).toBeUndefined();
      expect(await store.read(asSequence(0))).toBeUndefined();
      expect(await store.create(asSequence(0), Buffer.from('batch 0'))).toBe('created');
      expect(String(await (await open()).read(asSequence(0)))).toBe('batch 0');
    });

    test('a sidecar that is written over or hidden is found again by what fits', async () => {
      const store = await open();
      await store.putSidecar(sidecar, Buffer.from('names'));
      await bucket.put(`ledger/sidecar/${sidecar}`, Buffer.from('forged'));
      const fits = (bytes: Buffer): boolean => String(bytes) === 'names';
      expect(String(await store.readSidecar(sidecar, fits))).toBe('names');
      await bucket.removeAll([{ key: `ledger/sidecar/${sidecar}` }]);
      expect(String(await store.readSidecar(sidecar, fits))).toBe('names');
      expect(await all(store.listSidecars())).toEqual([sidecar]);
    });

    test('what is not ours is named', async () => {
      const store = await open();
      await bucket.put('ledger/notes.txt', Buffer.from('x'));
      await bucket.put('ledger/sidecar/x', Buffer.from('x'));
      expect(await all(store.listStrays())).toEqual(['notes.txt', 'sidecar/x']);
    });
  });

  describe('erasing', () => {
    const versions = async (): Promise<string[]> => {
      const found = await bucket.versionsOf(`ledger/sidecar/${sidecar}`);
      return Promise.all(
        found.map(async ({ key, kind, versionId }) =>
          kind === 'marker' ? 'marker' : String((await bucket.get(key, versionId)).bytes),
        ),
      );
    };

    test('destroys every version but the one that remains, also those that an owner hid', async () => {
      const store = await open();
      await store.putSidecar(sidecar, Buffer.from('a secret word'));
      await bucket.removeAll([{ key: `ledger/sidecar/${sidecar}` }]);
      await store.eraseFromSidecar(sidecar, Buffer.from('rest'));
      expect(await versions()).toEqual(['rest']);
      expect(await all(store.listStrays())).toEqual([]);
      expect(await all(bucket.versions('ledger/erasing/'))).toEqual([]);
    });

    test.each([
      { crash: 'before what remains was put', days: 0, remains: false, left: ['all lines'], notes: 1 },
      { crash: 'long ago, before what remains was put', days: 2, remains: false, left: ['all lines'], notes: 0 },
      { crash: 'before the earlier lines were destroyed', days: 0, remains: true, left: ['rest'], notes: 0 },
    ])('is finished at the next start after a crash $crash', async ({ days, left, notes, remains }) => {
      const store = await open();
      await store.putSidecar(sidecar, Buffer.from('all lines'));
      await bucket.put(`ledger/erasing/${sidecar}`, Buffer.from('rest'));
      if (remains) await bucket.put(`ledger/sidecar/${sidecar}`, Buffer.from('rest'));
      const clock = new FixedClock(systemClock.now() + days * 86_400_000);
      const next = await S3LedgerStore.open({ bucket, clock });
      expect(await versions()).toEqual(left);
      expect(await all(bucket.versions('ledger/erasing/'))).toHaveLength(notes);
      await next.eraseFromSidecar(sidecar, Buffer.from('rest'));
      expect(await versions()).toEqual(['rest']);
      expect(await all(bucket.versions('ledger/erasing/'))).toEqual([]);
    });

    test.each(['ledger/erasing/', 'ledger/sidecar/'])(
      'a start is not kept from succeeding by another process that finishes it just before %s is read',
      async (overtakenAt) => {
        const store = await open();
        await store.putSidecar(sidecar, Buffer.from('all lines'));
        await bucket.put(`ledger/sidecar/${sidecar}`, Buffer.from('another reading'));
        await bucket.put(`ledger/erasing/${sidecar}`, Buffer.from('rest'));
        await bucket.put(`ledger/sidecar/${sidecar}`, Buffer.from('rest'));
        await bucket.put(`ledger/sidecar/${sidecar}`, Buffer.from('rest'));
        // Another one erases more, which also finishes what was begun, and destroys every version there was.
        const more = async () => {
          await store.eraseFromSidecar(sidecar, Buffer.from('less'));
        };
        await S3LedgerStore.open({ bucket: overtaken(bucket, overtakenAt, more), clock: systemClock });
        expect(await versions()).toEqual(['less']);
        await open();
        expect(await all(bucket.versions('ledger/erasing/'))).toEqual([]);
      },
    );
  });

  test('of two processes that erase lines of one sidecar at once none brings back what the other erased', async () => {
    const store = await open();
    const other = await open();
    const fits = (bytes: Buffer): boolean => bytes.includes('line');
    const bytes = Buffer.from('line 1, line 2');
    await store.putSidecar(sidecar, bytes);
    const erasesOne = async () => {
      expect(await other.eraseFromSidecar(sidecar, Buffer.from('line 2'), { bytes, fits })).toBe('erased');
    };
    const late = overtaken(bucket, 'ledger/sidecar/', erasesOne, 'replace');
    const second = await S3LedgerStore.open({ bucket: late, clock: systemClock });
    expect(await second.eraseFromSidecar(sidecar, Buffer.from('line 1'), { bytes, fits })).toBe('changed');
    expect(String(await store.readSidecar(sidecar))).toBe('line 2');
    expect(await bucket.versionsOf(`ledger/sidecar/${sidecar}`)).toHaveLength(1);
    expect(await all(bucket.versions('ledger/erasing/'))).toEqual([]);
  });

  test('the newest of many batches is found from any position, also when the ones before it are far away', async () => {
    const store = await open();
    const firsts = [0, 1, 2, 300, 301, 5_000, 40_000, 2_000_000, 2_000_001, 2 ** 45];
    for (const [i, first] of firsts.entries()) {
      await bucket.put(`ledger/${first.toString(16).padStart(16, '0')}`, Buffer.from('x'));
      if (i % 3 === 2) expect(await store.newest()).toBe(first);
      expect(await (await open()).newest()).toBe(first);
    }
  });

  test('batches are locked as asked, sidecars never', async () => {
    const clock = systemClock;
    const store = await S3LedgerStore.open({ bucket, clock, batchLock: { retentionDays: 1, legalHold: false } });
    await store.create(asSequence(0), Buffer.from('batch'));
    await store.putSidecar(sidecar, Buffer.from('names'));
    const [batch] = await bucket.versionsOf(firstKey);
    const lock = await bucket.lockOf(firstKey, batch?.versionId ?? '');
    expect(lock.mode).toBe('governance');
    expect(lock.retainUntil).toBeGreaterThan(clock.now() + 86_000_000);
    await expect(bucket.deleteVersion(firstKey, batch?.versionId ?? '')).rejects.toMatchObject({ code: 'refused' });
    await store.eraseFromSidecar(sidecar, Buffer.from('rest'));
    expect(await bucket.versionsOf(`ledger/sidecar/${sidecar}`)).toHaveLength(1);
  });

  test('a bucket that keeps no versions is refused', async () => {
    await using plain = new Bucket(await bucketOptions('s3'));
    await plain.make({ objectLock: false });
    const opened = S3LedgerStore.open({ bucket: plain, clock: systemClock });
    await expect(opened).rejects.toMatchObject({ code: 'unsafe-store' });
  });
});

describeVariant('s3-versity', 'the ledger on a second S3 server', () => {
  let whole: Bucket;
  beforeAll(async () => {
    whole = await lockedBucket('s3-versity');
  });
  afterAll(async () => whole[Symbol.asyncDispose]());
  ledgerStoreContract(async () => {
    const bucket = new Bucket(await bucketOptions('s3-versity', { bucket: whole.name, prefix: `${newId()}/` }));
    const open = (): Promise<S3LedgerStore> => S3LedgerStore.open({ bucket, clock: systemClock });
    return { store: await open(), reopened: open };
  });
});

describeVariant('s3-ceph', 'a service that ignores conditions', () => {
  test('is refused, because writers would overwrite each other', async () => {
    await using bucket = await lockedBucket('s3-ceph');
    const opened = S3LedgerStore.open({ bucket, clock: systemClock });
    await expect(opened).rejects.toMatchObject({ code: 'unsafe-store' });
  });
});
