import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '#kernel';
import type { Spool, SpoolItem } from '../../services/ingest/spool.ts';

function item(size: number): SpoolItem {
  const bytes = Buffer.alloc(size, 1);
  const place = { custodian: 'c', mailbox: 'm', format: 'eml', path: 'p' } as const;
  return { source: 's', place, digest: digestOf(bytes), size, content: { bytes }, seenAt: 1 };
}

/** What a promise has come to after everything that is ready has run. */
async function state(promise: Promise<unknown>): Promise<string> {
  const settled = promise.then(
    () => 'resolved',
    () => 'rejected',
  );
  const turn = new Promise<string>((resolve) => setImmediate(() => resolve('waiting')));
  return await Promise.race([settled, turn]);
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
      expect(spool.heldBytes).toBe(0);
    });

    test('says beforehand whether an item would have to wait', async () => {
      await using spool = await open(10_000);
      expect(spool.hasRoomFor(item(50_000))).toBe(true);
      await spool.put(item(8_000));
      expect(spool.hasRoomFor(item(100))).toBe(true);
      expect(spool.hasRoomFor(item(5_000))).toBe(false);
      const waiting = spool.put(item(5_000)).catch(() => undefined);
      expect(spool.hasRoomFor(item(100))).toBe(false);
      await spool[Symbol.asyncDispose]();
      await waiting;
    });

    test('a full spool makes those who put wait, and lets them in in order', async () => {
      await using spool = await open(100_000);
      const first = await spool.put(item(60_000));
      const second = spool.put(item(60_000));
      const third = spool.put(item(10));
      expect(await state(second)).toBe('waiting');
      expect(await state(third)).toBe('waiting');
      await spool.drop(first);
      expect(await state(second)).toBe('resolved');
      expect(await state(third)).toBe('resolved');
    });

    test('an item larger than the spool is taken when the spool is empty', async () => {
      await using spool = await open(100_000);
      const small = await spool.put(item(10));
      const large = spool.put(item(500_000));
      expect(await state(large)).toBe('waiting');
      await spool.drop(small);
      expect((await spool.get(await large))?.size).toBe(500_000);
    });

    test('waiting ends with the signal, and those behind move up', async () => {
      await using spool = await open(100_000);
      const first = await spool.put(item(90_000));
      const stop = new AbortController();
      const second = spool.put(item(95_000), stop.signal);
      const third = spool.put(item(1000));
      expect(await state(third)).toBe('waiting');
      const reason = new Error('stop');
      stop.abort(reason);
      await expect(second).rejects.toBe(reason);
      expect(await state(third)).toBe('resolved');
      await spool.drop(first);
    });

    test('a signal that comes when the item was let in already changes nothing for those behind', async () => {
      await using spool = await open(100_000);
      const first = await spool.put(item(90_000));
      const stop = new AbortController();
      const second = spool.put(item(90_000), stop.signal);
      const third = spool.put(item(90_000));
      const dropped = spool.drop(first);
      stop.abort(new Error('too late'));
      await dropped;
      await spool.drop(await second);
      expect((await spool.get(await third))?.size).toBe(90_000);
    });

    test('a file is referenced, does not fill the spool, and is removed with its item', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'muniment-spool-'));
      try {
        await using spool = await open(100_000);
        const file = join(folder, 'large');
        await writeFile(file, 'x');
        const key = await spool.put({ ...item(1), size: 10_000_000, content: { file } });
        expect(spool.heldBytes).toBeLessThan(10_000);
        expect((await spool.get(key))?.content).toEqual({ file });
        await spool.drop(key);
        expect(existsSync(file)).toBe(false);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('closing refuses those who wait, and all who come later', async () => {
      const spool = await open(100_000);
      await spool.put(item(90_000));
      const waiting = spool.put(item(90_000));
      const refused = expect(waiting).rejects.toMatchObject({ code: 'spool-closed' });
      await spool[Symbol.asyncDispose]();
      await refused;
      await expect(spool.put(item(1))).rejects.toMatchObject({ code: 'spool-closed' });
    });
  });
}
