import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FixedClock, inParallel } from '#kernel';
import { Bucket } from '#object-storage';
import { keyOf } from '../../services/archive/adapters/s3/record-format.ts';
import { listed, noise, orderFor, putOf, scrubbed, streamed } from '../contract/blob-puts.ts';
import { S3Archive } from '../contract/s3-archive.ts';
import { describeVariant } from '../describe-variant.ts';
import { bucketOptions, lockedBucket } from '../s3-buckets.ts';

/** What an owner of the bucket can do to it, and what becomes of the messages. */
describeVariant('s3', 'an archive in a bucket that somebody else writes to', () => {
  let bucket: Bucket;

  beforeAll(async () => {
    bucket = await lockedBucket('s3');
  });
  afterAll(async () => bucket[Symbol.asyncDispose]());

  async function soon(): Promise<number> {
    return (await bucket.serverTime()) + 600_000;
  }

  test.each([
    ['a delete marker', async (owner: Bucket, key: string) => owner.removeAll([{ key }])],
    ['other bytes', async (owner: Bucket, key: string) => owner.put(key, Buffer.from('other bytes'))],
    [
      'a tombstone',
      async (owner: Bucket, key: string) => owner.put(key, Buffer.from('x'), { metadata: { kind: 'disposed' } }),
    ],
  ])('%s put over a message hides nothing, and is named', async (_what, tamper) => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open();
    const put = putOf('a message that somebody wants gone', { lock: { legalHold: false, retainUntil: await soon() } });
    await store.putAll([put]);
    const before = await store.stat(put);
    await tamper(archive.owner, keyOf(put));
    expect(await store.read(put)).toEqual(put.bytes);
    expect(await streamed(store, put)).toEqual(put.bytes);
    expect(await store.stat(put)).toEqual(before);
    expect(await listed(store)).toEqual([before]);
    expect(await scrubbed(store)).toHaveLength(1);
    await store.setLegalHolds([put], true);
    expect((await store.stat(put))?.lock).toEqual({ ...put.lock, legalHold: true });
    const [again] = await store.putAll([put]);
    expect(again?.lock.retainUntil).toBe(put.lock.retainUntil);
    expect((await store.stat(put))?.lock).toEqual({ ...put.lock, legalHold: true });
    await expect(store.dispose(orderFor(put))).rejects.toMatchObject({ code: 'locked' });
    expect(await store.read(put)).toEqual(put.bytes);
  });

  test('whatever was put over it, disposal destroys all of it', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open();
    const put = putOf('to be destroyed, copies and all');
    await store.putAll([put]);
    await archive.owner.put(keyOf(put), put.bytes);
    await archive.owner.removeAll([{ key: keyOf(put) }]);
    await archive.owner.put(keyOf(put), put.bytes);
    expect(await store.dispose(orderFor(put))).toEqual({ versions: 3, size: put.size });
    expect((await archive.everything()).includes(put.bytes)).toBe(false);
    await expect(store.putAll([put])).rejects.toMatchObject({ code: 'disposed' });
    expect(await scrubbed(store)).toEqual([]);
  });

  test('lifting a hold lifts that of a copy too, which else would keep the message from ever being disposed of', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open();
    const put = putOf('held twice', { lock: { legalHold: true, retainUntil: null } });
    await store.putAll([put]);
    await archive.owner.removeAll([{ key: keyOf(put) }]);
    await store.putAll([put]);
    await store.setLegalHolds([put], false);
    expect((await store.dispose(orderFor(put))).versions).toBe(2);
  });

  test('a lock on any copy refuses the disposal of all', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open();
    const put = putOf('copied', { lock: { legalHold: true, retainUntil: null } });
    await store.putAll([put]);
    await archive.owner.put(keyOf(put), put.bytes);
    await expect(store.dispose(orderFor(put))).rejects.toMatchObject({ code: 'locked' });
    expect(await archive.owner.versionsOf(keyOf(put))).toHaveLength(2);
  });

  test('something else at its key does not keep a message from being stored', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open();
    const lock = { legalHold: true, retainUntil: await soon() };
    const puts = [putOf('wanted', { lock }), putOf('also wanted', { lock })];
    for (const put of puts) await archive.owner.put(keyOf(put), Buffer.from('squatter'));
    const [first] = puts;
    if (first === undefined) throw new Error('two puts');
    await expect(store.read(first)).rejects.toMatchObject({ code: 'damaged' });
    expect(await store.putAll(puts)).toMatchObject(puts.map(() => ({ outcome: 'stored', lock })));
    for (const put of puts) expect(await store.read(put)).toEqual(put.bytes);
    expect(await listed(store)).toHaveLength(2);
    expect(await scrubbed(store)).toHaveLength(2);
    expect(await store.putAll(puts)).toMatchObject(puts.map(() => ({ outcome: 'exists', lock })));
  });

  test('a message found without its lock is locked before it counts as stored', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open();
    const lock = { legalHold: true, retainUntil: await soon() };
    const put = putOf('found', { lock });
    const versionId = (await archive.owner.put(keyOf(put), put.bytes)) ?? '';
    expect(await store.putAll([put])).toMatchObject([{ outcome: 'exists', lock }]);
    expect(await archive.owner.lockOf(keyOf(put), versionId)).toEqual({ ...lock, mode: 'governance' });
  });

  test('in compliance mode not even a bypass deletes', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name, lockMode: 'compliance' });
    await using store = await archive.open();
    const put = putOf('for good', { lock: { legalHold: false, retainUntil: await soon() } });
    await store.putAll([put]);
    expect(store.capabilities.lock).toBe('object-lock-compliance');
    const [version] = await archive.owner.versionsOf(keyOf(put));
    const deletion = archive.owner.deleteVersion(keyOf(put), version?.versionId ?? '', { bypassGovernance: true });
    await expect(deletion).rejects.toMatchObject({ code: 'refused' });
    expect(await store.read(put)).toEqual(put.bytes);
  });

  test('more messages than a page holds are listed and scrubbed once each', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open();
    const puts = Array.from({ length: 1_100 }, (_, index) => putOf(`paged ${index}`));
    await store.putAll(puts);
    await inParallel(puts.slice(0, 50), 16, async (put) => archive.owner.put(keyOf(put), put.bytes));
    expect((await listed(store)).map(({ digest }) => digest)).toEqual(puts.map(({ digest }) => digest).sort());
    expect(await scrubbed(store)).toHaveLength(50);
  });

  test('a large message goes in parts, locked, and only if the file is what it should be', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name, limits: { partBytes: 5 * 1024 * 1024 } });
    await using store = await archive.open();
    const folder = await mkdtemp(join(tmpdir(), 'large-'));
    try {
      const put = putOf(noise(1, 11 * 1024 * 1024), { lock: { legalHold: true, retainUntil: await soon() } });
      const file = join(folder, 'large');
      await writeFile(file, put.bytes);
      const fromFile = { ...put, content: { file } };
      expect(await store.putAll([fromFile])).toMatchObject([{ outcome: 'stored', lock: put.lock }]);
      expect(await store.putAll([fromFile])).toMatchObject([{ outcome: 'exists', lock: put.lock }]);
      expect((await streamed(store, put)).equals(put.bytes)).toBe(true);
      const { digest } = putOf('something else');
      await expect(store.putAll([{ ...fromFile, digest }])).rejects.toMatchObject({ code: 'digest-mismatch' });
      expect(await listed(store)).toHaveLength(1);
      expect(await scrubbed(store)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a bucket without versions and Object Lock is refused', async () => {
    const plain = new Bucket(await bucketOptions('s3'));
    await plain.make({ objectLock: false });
    await using archive = await S3Archive.make('s3', { bucket: plain.name });
    await expect(archive.open()).rejects.toMatchObject({
      code: 'store-unavailable',
      facts: { storage: 'unsuitable-bucket' },
    });
  });

  test('where the clocks disagree nothing is locked or disposed of', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using store = await archive.open({ clock: new FixedClock((await bucket.serverTime()) - 120_000) });
    const put = putOf('at what time?', { lock: { legalHold: false, retainUntil: await soon() } });
    await expect(store.putAll([put])).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(store.dispose(orderFor(put))).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await listed(store)).toEqual([]);
  });
});
