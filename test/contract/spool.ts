import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '#kernel';
import type { Spool, SpoolItem } from '../../services/ingest/spool.ts';

export function spoolItem(size: number): SpoolItem {
  const bytes = Buffer.alloc(size, 1);
  const place = { custodian: 'c', mailbox: 'm', format: 'eml', path: 'p' } as const;
  return { source: 's', place, digest: digestOf(bytes), size, content: { bytes }, seenAt: 1 };
}

const item = spoolItem;

/** A `put` that has to wait; resolves when it does. */
export async function waitingPut(
  spool: Spool,
  put: SpoolItem,
  signal?: AbortSignal,
): Promise<{ readonly key: Promise<string> }> {
  const { promise: waiting, resolve: beforeWaiting } = Promise.withResolvers<void>();
  const key = spool.put(put, { beforeWaiting, ...(signal !== undefined && { signal }) });
  const early = key.then(
    () => 'was let in',
    () => 'was refused',
  );
  expect(await Promise.race([early, waiting.then(() => 'waits')])).toBe('waits');
  return { key };
}

/** The duties of every spool. @param open makes one that holds about `bytesMax` bytes */
export function spoolContract(name: string, open: (bytesMax: number) => Promise<Spool>): void {
  describe(`${name} is a spool`, () => {
    test('an item is found under its key as often as wanted, until it is dropped', async () => {
      await using spool = await open(100_000);
      const put = item(100);
      const key = await spool.put(put);
      expect(await spool.get(key)).toEqual(put);
      expect(await spool.get(key)).toEqual(put);
      await spool.drop(key);
      await spool.drop(key);
      expect(await spool.get(key)).toBeUndefined();
      expect(await spool.heldBytes()).toBe(0);
    });

    test('says that an item has to wait before it does', async () => {
      await using spool = await open(10_000);
      let waits = 0;
      const beforeWaiting = () => void (waits += 1);
      await spool.put(item(50_000), { beforeWaiting }).then(async (key) => await spool.drop(key));
      await spool.put(item(8000), { beforeWaiting });
      await spool.put(item(100), { beforeWaiting });
      expect(waits).toBe(0);
      const large = await waitingPut(spool, item(5000));
      // Behind one that waits, everybody does.
      const small = await waitingPut(spool, item(100));
      const refused = Promise.allSettled([large.key, small.key]);
      await spool[Symbol.asyncDispose]();
      await refused;
    });

    test('whoever has to wait can make the room by what it holds back', async () => {
      await using spool = await open(10_000);
      const held = await spool.put(item(8000));
      await spool.put(item(5000), { beforeWaiting: () => void spool.drop(held) });
      expect(await spool.get(held)).toBeUndefined();
    });

    test('a full spool makes those who put wait, and lets them in in order', async () => {
      await using spool = await open(100_000);
      const first = await spool.put(item(60_000));
      const order: string[] = [];
      const second = await waitingPut(spool, item(60_000));
      const third = await waitingPut(spool, item(10));
      const both = [second.key.then(() => order.push('second')), third.key.then(() => order.push('third'))];
      await spool.drop(first);
      await Promise.all(both);
      expect(order).toEqual(['second', 'third']);
    });

    test('an item larger than the spool is taken when the spool is empty', async () => {
      await using spool = await open(100_000);
      const small = await spool.put(item(10));
      const large = await waitingPut(spool, item(500_000));
      await spool.drop(small);
      expect((await spool.get(await large.key))?.size).toBe(500_000);
    });

    test('waiting ends with the signal, and those behind move up', async () => {
      await using spool = await open(100_000);
      const first = await spool.put(item(90_000));
      const stop = new AbortController();
      const second = await waitingPut(spool, item(95_000), stop.signal);
      const third = await waitingPut(spool, item(1000));
      const reason = new Error('stop');
      stop.abort(reason);
      await expect(second.key).rejects.toBe(reason);
      await third.key;
      await spool.drop(first);
    });

    test('a signal that comes as the item is let in changes nothing for those behind', async () => {
      await using spool = await open(100_000);
      const first = await spool.put(item(90_000));
      const stop = new AbortController();
      const second = await waitingPut(spool, item(90_000), stop.signal);
      const third = await waitingPut(spool, item(90_000));
      const dropped = spool.drop(first);
      stop.abort(new Error('too late'));
      await dropped;
      const key = await second.key.catch(() => undefined);
      if (key !== undefined) await spool.drop(key);
      expect((await spool.get(await third.key))?.size).toBe(90_000);
    });

    test('a file does not fill the spool, and is removed with its item', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'muniment-spool-'));
      try {
        await using spool = await open(100_000);
        const file = join(folder, 'large');
        const bytes = Buffer.alloc(3_000_000, 'x');
        await writeFile(file, bytes);
        const { content: _bytes, ...large } = { ...item(1), digest: digestOf(bytes), size: bytes.length };
        const key = await spool.put({ ...large, content: { file } });
        expect(await spool.heldBytes()).toBeLessThan(10_000);
        const got = await spool.get(key);
        expect(got).toMatchObject(large);
        const path = got !== undefined && 'file' in got.content ? got.content.file : '';
        expect(digestOf(await readFile(path))).toBe(large.digest);
        await spool.drop(key);
        expect([file, path].filter((one) => existsSync(one))).toEqual([]);
        expect(await spool.get(key)).toBeUndefined();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('closing refuses those who wait, and all who come later', async () => {
      const spool = await open(100_000);
      await spool.put(item(90_000));
      const waiting = await waitingPut(spool, item(90_000));
      const refused = expect(waiting.key).rejects.toMatchObject({ code: 'spool-closed' });
      await spool[Symbol.asyncDispose]();
      await refused;
      await expect(spool.put(item(1))).rejects.toMatchObject({ code: 'spool-closed' });
    });
  });
}
