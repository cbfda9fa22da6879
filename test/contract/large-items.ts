import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, FixedClock, newId, systemClock } from '#kernel';
import type { LargeContent, LargeItems } from '../../services/ingest/large-items.ts';
import type { Content } from '../../services/ingest/source.ts';

function large(bytes: Buffer, content: Content = { bytes }): LargeContent {
  return { content, size: bytes.length, digest: digestOf(bytes) };
}

async function bytesOf(content: Content | undefined): Promise<Buffer | undefined> {
  if (content === undefined) return undefined;
  return 'bytes' in content ? content.bytes : await readFile(content.file);
}

const hourMs = 60 * 60 * 1000;

/** The duties of every place for large items. @param open makes another door to the same place, as another process has it */
export function largeItemsContract(name: string, open: (clock: FixedClock) => Promise<LargeItems>): void {
  describe(`${name} is a place for large items`, () => {
    const clock = () => new FixedClock(systemClock.now());

    test('what one process puts another reads, as often as wanted, until it is dropped', async () => {
      await using here = await open(clock());
      await using there = await open(clock());
      const [key, bytes] = [newId(), Buffer.alloc(100_000, 'a')];
      await here.put(key, large(bytes));
      expect(await bytesOf(await there.get(key))).toEqual(bytes);
      await there.release(key);
      await there.release(key);
      expect(await bytesOf(await there.get(key))).toEqual(bytes);
      await here.drop(key);
      await here.drop(key);
      await there.release(key);
      expect(await there.get(key)).toBeUndefined();
    });

    test('a file is taken over', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'muniment-large-'));
      try {
        await using items = await open(clock());
        const [key, bytes, file] = [newId(), Buffer.alloc(20_000_000, 'b'), join(folder, 'message')];
        await writeFile(file, bytes);
        await items.put(key, large(bytes, { file }));
        expect(existsSync(file)).toBe(false);
        const got = await items.get(key);
        expect((await bytesOf(got))?.equals(bytes)).toBe(true);
        await items.drop(key);
        expect(got !== undefined && 'file' in got && existsSync(got.file)).toBe(false);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('what nobody has dropped for a day goes away, and nothing else does', async () => {
      const now = clock();
      await using items = await open(now);
      const [left, key] = [newId(), newId()];
      await items.put(left, large(Buffer.from('left')));
      now.advance(23 * hourMs);
      expect(await items.sweep()).toBe(0);
      expect(await items.get(left)).toBeDefined();
      await items.release(left);
      now.advance(2 * hourMs);
      expect(await items.sweep()).toBe(1);
      expect(await items.get(left)).toBeUndefined();
      expect(await items.get(key)).toBeUndefined();
    });
  });
}
