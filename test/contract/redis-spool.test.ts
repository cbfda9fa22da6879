import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { newId, systemClock } from '#kernel';
import { FilesystemLargeItems } from '../../services/ingest/adapters/filesystem-large-items.ts';
import { RedisSpool } from '../../services/ingest/adapters/redis-spool.ts';
import { describeVariant } from '../describe-variant.ts';
import { sharedServer } from '../servers.ts';
import { spoolContract, spoolItem, waitingPut } from './spool.ts';

describeVariant('redis', 'RedisSpool', () => {
  let folder = '';
  let url = '';
  let redis: Redis;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muniment-large-items-'));
    url = (await sharedServer('redis')).url;
    redis = new Redis(url);
  });
  afterAll(async () => {
    redis.disconnect();
    await rm(folder, { recursive: true, force: true });
  });

  function opened(name: string, options: { readonly bytesMax?: number; readonly ttlMs?: number } = {}): RedisSpool {
    const largeItems = new FilesystemLargeItems({ folder, clock: systemClock });
    return new RedisSpool({ url, name, bytesMax: 100_000, largeItems, ...options });
  }
  const keyIn = (name: string, key: string): string => `{muniment-${name}}:spool:${key}`;

  spoolContract('RedisSpool', async (bytesMax) => await Promise.resolve(opened(newId(), { bytesMax })));

  test('what one process puts another gets, and both fill the same spool', async () => {
    const name = newId();
    await using here = opened(name);
    await using there = opened(name);
    const key = await here.put(spoolItem(90_000));
    expect(await there.get(key)).toEqual(spoolItem(90_000));
    const second = await waitingPut(there, spoolItem(60_000));
    const third = await waitingPut(here, spoolItem(60_000));
    await here.drop(key);
    const waited = await second.key;
    await there.drop(waited);
    await third.key;
  });

  test('large content goes elsewhere, and another process reads it', async () => {
    const name = newId();
    await using here = opened(name);
    await using there = opened(name);
    const key = await here.put(spoolItem(2_000_000));
    expect(await here.heldBytes()).toBeLessThan(2000);
    expect(await there.get(key)).toMatchObject({ size: 2_000_000, content: { file: expect.any(String) } });
    await there.drop(key);
    expect(await readdir(folder)).toEqual([]);
    expect(await here.heldBytes()).toBe(0);
  });

  test.each([
    ['a byte of the message', -1, 'y'],
    ['the sighting', 5, 'y'],
    ['the length of the sighting', 1, '\u{7f}'],
    ['the kind', 0, '\u{7f}'],
  ])('an item of which %s was changed is as if it were not there', async (_what, at, text) => {
    const name = newId();
    await using spool = opened(name);
    const key = await spool.put(spoolItem(100));
    const item = keyIn(name, `item:${key}`);
    await redis.setrange(item, at < 0 ? (await redis.strlen(item)) + at : at, text);
    expect(await spool.get(key)).toBeUndefined();
  });

  test('what a process that died had put goes away by itself, and makes room', async () => {
    const name = newId();
    await using spool = opened(name);
    // What is left of an item whose time was up at the first millisecond of 1970.
    await redis.set(keyIn(name, 'held'), 90_000);
    await redis.zadd(keyIn(name, 'index'), 1, 's-dead-90000');
    await spool.put(spoolItem(60_000));
    expect(await redis.zcard(keyIn(name, 'index'))).toBe(1);
  });

  test('an item is kept for as long as the process that put it lives', async () => {
    const name = newId();
    await using spool = opened(name, { ttlMs: 300 });
    const key = await spool.put(spoolItem(100));
    const item = keyIn(name, `item:${key}`);
    let renewed = 0;
    for (let before = await redis.pttl(item); renewed < 5;) {
      const now = await redis.pttl(item);
      if (now > before) renewed += 1;
      before = now;
    }
    expect(await spool.get(key)).toBeDefined();
  });

  test('a wrong count does not stop it for good', async () => {
    const name = newId();
    await using spool = opened(name);
    await spool.put(spoolItem(10));
    await redis.set(keyIn(name, 'held'), 1_000_000_000);
    await spool.put(spoolItem(60_000));
    expect(await spool.heldBytes()).toBeLessThan(70_000);
  });

  test('emptied, it is a spool like any other', async () => {
    const name = newId();
    await using spool = opened(name);
    const lost = await spool.put(spoolItem(90_000));
    const waiting = await waitingPut(spool, spoolItem(60_000));
    await redis.del(...(await redis.keys(keyIn(name, '*'))));
    expect(await spool.get(lost)).toBeUndefined();
    expect(await spool.get(await waiting.key)).toBeDefined();
    await spool.drop(lost);
  });
});
