import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bucket } from '#object-storage';
import { keyOf } from '../../services/archive/adapters/s3/record-format.ts';
import type { S3BlobStore } from '../../services/archive/adapters/s3-blob-store.ts';
import { listed, noise, orderFor, putOf, scrubbed, streamed } from '../contract/blob-puts.ts';
import { S3Archive } from '../contract/s3-archive.ts';
import { describeVariant } from '../describe-variant.ts';
import { randomFrom } from '../random-moments.ts';
import { lockedBucket } from '../s3-buckets.ts';
import { sharedServer } from '../servers.ts';
import { seeds } from '../soak.ts';
import { TcpProxy, type Treatment } from '../tcp-proxy.ts';

const SLOW_DOWN: Treatment = { answer: answerOf('503 Service Unavailable', 'SlowDown') };
const BROKEN: Treatment = { answer: answerOf('500 Internal Server Error', 'InternalError') };

function answerOf(status: string, code: string): string {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>said the proxy</Message></Error>`;
  const headers = `Content-Type: application/xml\r\nContent-Length: ${body.length}\r\nConnection: close`;
  return `HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`;
}

/** An archive that is reached through a proxy. */
class FarArchive implements AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly near: S3Archive;
  readonly store: S3BlobStore;

  private constructor(proxy: TcpProxy, near: S3Archive, store: S3BlobStore) {
    this.proxy = proxy;
    this.near = near;
    this.store = store;
  }

  static async make(bucket: string, attemptsMax = 6): Promise<FarArchive> {
    const near = await S3Archive.make('s3', { bucket });
    const proxy = await TcpProxy.to(Number(new URL((await sharedServer('s3')).url).port));
    const limits = {
      attemptsMax,
      requestMillisecondsMax: 2_000,
      idleMillisecondsMax: 2_000,
      backOffMilliseconds: 5,
      backOffMillisecondsMax: 50,
      partBytes: 5 * 1024 * 1024,
    };
    const store = await near.open({ endpoint: `http://127.0.0.1:${proxy.port}`, limits });
    return new FarArchive(proxy, near, store);
  }

  /** The first request that the pattern fits is treated so, once. */
  once(pattern: RegExp, treatment: Treatment): void {
    this.proxy.treat = (line) => {
      if (!pattern.test(line)) return 'pass';
      this.proxy.treat = undefined;
      return treatment;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await this.proxy[Symbol.asyncDispose]();
    await this.near[Symbol.asyncDispose]();
  }
}

describeVariant('s3', 'an archive behind a bad network', () => {
  let bucket: Bucket;

  beforeAll(async () => {
    bucket = await lockedBucket('s3');
  });
  afterAll(async () => bucket[Symbol.asyncDispose]());

  const creation = /^PUT \S+\/archive\/\S+ /u;

  test.each<[string, Treatment]>([
    ['its reply is lost', 'lose-reply'],
    ['the connection is cut', 'cut'],
    ['nobody answers', 'stall'],
    ['the service says to slow down', SLOW_DOWN],
    ['the service fails', BROKEN],
  ])('a message is stored once, with its lock, when %s', async (_what, treatment) => {
    await using far = await FarArchive.make(bucket.name);
    const lock = { legalHold: true, retainUntil: (await bucket.serverTime()) + 600_000 };
    const put = putOf('over a bad line', { lock });
    far.once(creation, treatment);
    const { digest } = put;
    expect(await far.store.putAll([put])).toEqual([{ digest, generation: 1, outcome: 'stored', lock }]);
    expect(far.proxy.treat).toBeUndefined();
    expect(await far.near.owner.versionsOf(keyOf(put))).toHaveLength(1);
    expect(await far.store.read(put)).toEqual(put.bytes);
  });

  test('a large message is stored once when the reply to its end is lost', async () => {
    await using far = await FarArchive.make(bucket.name);
    const folder = await mkdtemp(join(tmpdir(), 'large-'));
    try {
      const put = putOf(noise(2, 6 * 1024 * 1024), { lock: { legalHold: true, retainUntil: null } });
      await writeFile(join(folder, 'large'), put.bytes);
      far.once(/^POST \S+uploadId=/u, 'lose-reply');
      const receipts = await far.store.putAll([{ ...put, content: { file: join(folder, 'large') } }]);
      expect(receipts).toMatchObject([{ outcome: 'stored', lock: put.lock }]);
      expect(far.proxy.treat).toBeUndefined();
      expect(await far.near.owner.versionsOf(keyOf(put))).toHaveLength(1);
      expect((await streamed(far.store, put)).equals(put.bytes)).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('parts of an upload that was never finished go with the message', async () => {
    await using far = await FarArchive.make(bucket.name, 2);
    const folder = await mkdtemp(join(tmpdir(), 'large-'));
    try {
      const put = putOf(noise(4, 100_000));
      const left = putOf(noise(5, 100_000));
      far.proxy.treat = (line) => (/^(?:POST|DELETE) \S+uploadId=/u.test(line) ? 'cut' : 'pass');
      for (const one of [put, left]) {
        await writeFile(join(folder, one.digest), one.bytes);
        const large = { ...one, content: { file: join(folder, one.digest) } };
        await expect(far.store.putAll([large])).rejects.toMatchObject({ code: 'store-unavailable' });
      }
      far.proxy.treat = undefined;
      await far.store.putAll([put]);
      await far.store.dispose(orderFor(put));
      expect(await far.near.owner.abortUploads(keyOf(put))).toBe(0);
      expect(await far.near.owner.abortUploads(keyOf(left))).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a read that breaks is gone on with, and the bytes are the same', async () => {
    await using far = await FarArchive.make(bucket.name);
    const put = putOf(noise(3, 3 * 1024 * 1024));
    await far.store.putAll([put]);
    far.proxy.cutNow();
    far.proxy.cutAfter(1_000_000);
    expect((await streamed(far.store, put)).equals(put.bytes)).toBe(true);
  });

  test('where the service stays away nothing is acknowledged, and later all goes well', async () => {
    await using far = await FarArchive.make(bucket.name, 3);
    const put = putOf('later');
    far.proxy.treat = () => SLOW_DOWN;
    await expect(far.store.putAll([put])).rejects.toMatchObject({
      code: 'store-unavailable',
      facts: { storage: 'unavailable' },
    });
    await expect(far.store.read(put)).rejects.toMatchObject({ code: 'store-unavailable' });
    far.proxy.treat = undefined;
    expect(await far.store.putAll([put])).toMatchObject([{ outcome: 'stored' }]);
  });

  test('whatever happens to one request in four, all is stored once and locked', async () => {
    const random = randomFrom(7);
    const treatments: readonly Treatment[] = ['lose-reply', 'cut', SLOW_DOWN, BROKEN];
    await using far = await FarArchive.make(bucket.name, 40);
    far.proxy.treat = () =>
      random() < 0.25 ? (treatments[Math.floor(random() * treatments.length)] ?? 'pass') : 'pass';
    const lock = { legalHold: false, retainUntil: (await bucket.serverTime()) + 600_000 };
    const puts = Array.from({ length: seeds(150, 5_000) }, (_, index) => putOf(`bad line ${index}`, { lock }));
    const receipts = await far.store.putAll(puts);
    expect(receipts.every((receipt) => receipt.lock.retainUntil === lock.retainUntil)).toBe(true);
    await far.store.setLegalHolds(puts, true);
    const stats = await listed(far.store);
    expect(stats).toHaveLength(puts.length);
    expect(stats.every((stat) => stat.lock.legalHold && stat.lock.retainUntil === lock.retainUntil)).toBe(true);
    far.proxy.treat = undefined;
    expect(await scrubbed(far.store)).toEqual([]);
  });

  test('an object that the service cannot read is named by scrub, and the others are read', async () => {
    await using far = await FarArchive.make(bucket.name, 2);
    const puts = Array.from({ length: 20 }, (_, index) => putOf(`readable ${index}`));
    const [unreadable] = puts;
    if (unreadable === undefined) throw new Error('twenty puts');
    await far.store.putAll(puts);
    far.proxy.treat = (line) => (line.startsWith('GET ') && line.includes(unreadable.digest) ? SLOW_DOWN : 'pass');
    expect(await scrubbed(far.store)).toEqual([expect.stringContaining(unreadable.digest)]);
    await expect(far.store.read(unreadable)).rejects.toMatchObject({ code: 'store-unavailable' });
    far.proxy.treat = () => SLOW_DOWN;
    await expect(scrubbed(far.store)).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  test('a disposal that was cut short is finished when it is repeated', async () => {
    await using far = await FarArchive.make(bucket.name, 2);
    const put = putOf('half destroyed');
    await far.store.putAll([put]);
    far.proxy.treat = (line) => (line.startsWith('DELETE ') ? 'cut' : 'pass');
    await expect(far.store.dispose(orderFor(put))).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await far.store.putAll([put])).toMatchObject([{ outcome: 'exists' }]);
    far.proxy.treat = undefined;
    expect(await scrubbed(far.store)).toHaveLength(1);
    expect(await far.store.dispose(orderFor(put))).toEqual({ versions: 1, size: put.size });
    expect(await far.store.dispose(orderFor(put))).toEqual({ versions: 0, size: put.size });
    await expect(far.store.putAll([put])).rejects.toMatchObject({ code: 'disposed' });
    expect(await scrubbed(far.store)).toEqual([]);
  });

  test('a hold that comes after the locks were asked and before the bytes are deleted saves them', async () => {
    await using far = await FarArchive.make(bucket.name);
    await using other = await far.near.open();
    const put = putOf('saved at the last moment');
    await far.store.putAll([put]);
    far.proxy.treat = async (line): Promise<Treatment> => {
      if (line.startsWith('DELETE ')) await other.setLegalHolds([put], true);
      return 'pass';
    };
    await expect(far.store.dispose(orderFor(put))).rejects.toMatchObject({ code: 'locked' });
    expect(await other.read(put)).toEqual(put.bytes);
    expect((await other.stat(put))?.lock.legalHold).toBe(true);
  });

  test('a message that is stored while it is disposed of is never there afterwards', async () => {
    await using archive = await S3Archive.make('s3', { bucket: bucket.name });
    await using one = await archive.open();
    await using other = await archive.open();
    for (let round = 0; round < seeds(15, 500); round += 1) {
      const put = putOf(`stored and destroyed ${round}`);
      await one.putAll([put]);
      const storing = Array.from({ length: 4 }, async () => other.putAll([put]).catch((error: unknown) => error));
      expect((await one.dispose(orderFor(put))).versions).toBe(1);
      await Promise.all(storing);
      await expect(other.putAll([put])).rejects.toMatchObject({ code: 'disposed' });
      expect(await other.stat(put)).toBeUndefined();
    }
    expect(await scrubbed(one)).toEqual([]);
  });
});
