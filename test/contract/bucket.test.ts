import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf, inParallel } from '#kernel';
import { Bucket, bucketSettings, proveConditionalCreate, requireObjectLock, type ObjectVersion } from '#object-storage';
import { describeVariant } from '../describe-variant.ts';
import { bucketOptions, lockedBucket } from '../s3-buckets.ts';
import { noise } from './blob-puts.ts';

describeVariant('s3', 'a bucket', () => {
  const hello = Buffer.from('hello');
  let bucket: Bucket;

  beforeAll(async () => {
    bucket = await lockedBucket('s3', { prefix: 'a part/' });
  });
  afterAll(async () => bucket[Symbol.asyncDispose]());

  test('an object is created once, and reads back with what was said of it', async () => {
    const metadata = { sighting: 'of-something' };
    const created = await bucket.create('once', hello, { metadata, lock: { legalHold: false, retainUntil: null } });
    expect(created).toMatchObject({ outcome: 'created', versionId: expect.any(String) });
    expect(await bucket.create('once', Buffer.from('other'))).toEqual({ outcome: 'exists', replyLost: false });
    const head = await bucket.head('once');
    expect(head).toMatchObject({ size: 5, sha256: digestOf(hello), metadata, lockTold: false });
    expect(await bucket.get('once')).toEqual({
      ...head,
      servedAt: expect.any(Number),
      bytes: hello,
      sha256: undefined,
    });
    expect(head.lock).toEqual({ mode: undefined, legalHold: false, retainUntil: null });
  });

  test('of fifty that create one key, one wins', async () => {
    const writers = Array.from({ length: 50 }, (_, index) => Buffer.from(`writer ${index}`));
    const outcomes = await Promise.all(writers.map(async (bytes) => bucket.create('raced', bytes)));
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    expect(await bucket.versionsOf('raced')).toHaveLength(1);
  });

  test('what is absent is not found, and neither is a bucket that is not there', async () => {
    await expect(bucket.get('absent')).rejects.toMatchObject({ code: 'not-found', retryable: false });
    await expect(bucket.head('absent')).rejects.toMatchObject({ code: 'not-found' });
    const none = new Bucket(await bucketOptions('s3'));
    await expect(none.get('x')).rejects.toMatchObject({ code: 'no-such-bucket' });
    await expect(bucketSettings(none)).rejects.toMatchObject({ code: 'no-such-bucket' });
  });

  test('wrong credentials are named as such', async () => {
    const credentials = { accessKeyId: 'testaccess', secretAccessKey: 'wrong' };
    const stranger = new Bucket(await bucketOptions('s3', { bucket: bucket.name, credentials }));
    await expect(stranger.get('once')).rejects.toMatchObject({ code: 'bad-credentials' });
  });

  test('a lock is kept against its owner, and only lengthens', async () => {
    const until = Math.floor(Date.now() / 1_000) * 1_000 + 60_000;
    const created = await bucket.create('locked', hello, { lock: { legalHold: true, retainUntil: until - 1 } });
    const versionId = created.outcome === 'created' ? (created.versionId ?? '') : '';
    const lock = { mode: 'governance', legalHold: true, retainUntil: until };
    expect((await bucket.head('locked', versionId)).lock).toEqual(lock);
    expect(await bucket.lockOf('locked', versionId)).toEqual(lock);
    await expect(bucket.deleteVersion('locked', versionId)).rejects.toMatchObject({ code: 'refused' });
    await expect(bucket.putRetention('locked', versionId, until - 30_000)).rejects.toMatchObject({ code: 'refused' });
    await bucket.putRetention('locked', versionId, until + 30_000);
    await bucket.putLegalHold('locked', versionId, false);
    expect(await bucket.lockOf('locked', versionId)).toEqual({
      ...lock,
      legalHold: false,
      retainUntil: until + 30_000,
    });
    expect(await bucket.removeAll([{ key: 'locked', versionId }])).toMatchObject([{ key: 'locked', versionId }]);
    await bucket.deleteVersion('locked', versionId, { bypassGovernance: true });
    await expect(bucket.lockOf('locked', versionId)).rejects.toMatchObject({ code: 'not-found' });
    await bucket.deleteVersion('locked', versionId);
  });

  test('an object without a lock says so', async () => {
    const versionId = (await bucket.put('plain', hello)) ?? '';
    expect(await bucket.lockOf('plain', versionId)).toEqual({ mode: undefined, legalHold: false, retainUntil: null });
  });

  test('versions and markers of a key are given newest first, the oldest version last', async () => {
    const first = await bucket.put('many', Buffer.from('1'));
    const second = await bucket.put('many', Buffer.from('2'));
    expect(await bucket.removeAll([{ key: 'many' }])).toEqual([]);
    const third = await bucket.put('many', Buffer.from('3'));
    await bucket.put('many-more', Buffer.from('4'));
    const versions = await bucket.versionsOf('many');
    expect(versions.map(({ kind }) => kind)).toEqual(['version', 'marker', 'version', 'version']);
    expect(versions.flatMap((one) => (one.kind === 'version' ? [one.versionId] : []))).toEqual([third, second, first]);
    expect((await bucket.get('many', first)).bytes).toEqual(Buffer.from('1'));
  });

  test('more keys than a page holds are listed once each, in order', async () => {
    const keys = Array.from({ length: 1_050 }, (_, index) => `page/${String(index).padStart(5, '0')}`);
    await inParallel(keys, 32, async (key) => bucket.put(key, hello));
    const listed: string[] = [];
    for await (const { key } of bucket.list('page/')) listed.push(key);
    expect(listed).toEqual(keys);
    const versions: ObjectVersion[] = [];
    for await (const version of bucket.versions('page/', { pageSize: 100 })) versions.push(version);
    expect(versions.map(({ key }) => key)).toEqual(keys);
    const behind: string[] = [];
    for await (const { key } of bucket.list('page/', { startAfter: 'page/01047' })) behind.push(key);
    expect(behind).toEqual(keys.slice(1_048));
    expect(await bucket.removeAll(versions)).toEqual([]);
  });

  test('a file goes in parts, with its lock, and only where there is nothing', async () => {
    await using folder = await temporaryFolder();
    const bytes = noise(1, 12 * 1024 * 1024);
    const file = join(folder.path, 'large');
    await writeFile(file, bytes);
    const parts = new Bucket(
      await bucketOptions('s3', { bucket: bucket.name, limits: { partBytes: 5 * 1024 * 1024 } }),
    );
    const content = { file, size: bytes.length, sha256: digestOf(bytes) };
    const lock = { legalHold: true, retainUntil: null };
    expect(await parts.create('large', content, { lock })).toMatchObject({ outcome: 'created' });
    expect(await parts.create('large', content, { lock })).toEqual({ outcome: 'exists', replyLost: false });
    expect(await parts.head('large')).toMatchObject({
      size: bytes.length,
      sha256: undefined,
      lock: { legalHold: true },
    });
    const chunks: Buffer[] = [];
    for await (const chunk of parts.stream('large')) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    const wrong = { ...content, sha256: digestOf(hello) };
    await expect(parts.create('wrong', wrong, { lock })).rejects.toMatchObject({ code: 'bad-digest' });
    await expect(parts.head('wrong')).rejects.toMatchObject({ code: 'not-found' });
    expect(await parts.abortUploads('wrong')).toBe(0);
  });

  test('a bucket without versions or Object Lock is told apart', async () => {
    const plain = new Bucket(await bucketOptions('s3'));
    await plain.make({ objectLock: false });
    expect(await bucketSettings(plain)).toMatchObject({ versioning: false, objectLock: false });
    await expect(requireObjectLock(plain)).rejects.toMatchObject({ code: 'unsuitable-bucket' });
    await requireObjectLock(bucket);
    await proveConditionalCreate(bucket);
    await proveConditionalCreate(bucket);
    expect(await bucket.versionsOf('probe/created-once')).toHaveLength(1);
  });

  test('the clock of the service is known', async () => {
    expect(Math.abs((await bucket.serverTime()) - Date.now())).toBeLessThan(60_000);
  });
});

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'bucket-'));
  return { path, [Symbol.asyncDispose]: async () => rm(path, { recursive: true }) };
}
