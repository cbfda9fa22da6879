import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { BlobStore } from '#archive';
import { noise, scrubbed, streamed } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';
import { seeds } from '../soak.ts';
import { crashPut } from './archive-crash-puts.ts';
import { runAndKill, Said } from './archive-crash-said.ts';

const CHILD = fileURLToPath(new URL('archive-child.ts', import.meta.url));

async function expectKept(store: BlobStore, said: Said, from: number): Promise<void> {
  const since = (numbers: Set<number>): number[] => [...numbers].filter((number) => number >= from);
  for (const number of since(said.done.put)) {
    const put = crashPut(number);
    if (said.done.dispose.has(number)) continue;
    const bytes = await streamed(store, put).catch((error: unknown) => error);
    if (Buffer.isBuffer(bytes)) expect(bytes.equals(put.bytes)).toBe(true);
    else
      expect([number, said.tried.dispose.has(number), bytes]).toEqual([
        number,
        true,
        expect.objectContaining({ code: 'disposed' }),
      ]);
  }
  for (const number of since(said.done.hold)) expect((await store.stat(crashPut(number)))?.lock.legalHold).toBe(true);
  for (const number of since(said.done.dispose)) {
    await expect(store.read(crashPut(number))).rejects.toMatchObject({ code: 'disposed' });
  }
  expect(await scrubbed(store)).toEqual([]);
}

describe('kill -9 while messages are stored, held and destroyed', () => {
  test('what was acknowledged is there, byte for byte, and what was destroyed is gone (invariants 1, 14, 17)', async () => {
    await using archive = await FilesystemArchive.make(40_000, 8_000, tmpdir());
    const said = new Said();
    const rounds = seeds(20, 300);
    const moments = noise(42, rounds * 2);
    for (let round = 0; round < rounds; round += 1) {
      const afterLines = 1 + (moments.readUInt16LE(round * 2) % 120);
      await runAndKill(CHILD, [archive.root, String(round * 100_000)], afterLines, said);
      if (round % 5 === 4) await archive.deleteLocator();
      await using store = await archive.open();
      await expectKept(store, said, round * 100_000);
    }
    expect(said.done.put.size).toBeGreaterThan(rounds);
    expect(said.done.dispose.size).toBeGreaterThan(rounds / 2);
    await using store = await archive.open();
    await expectKept(store, said, 0);
    const files = Buffer.concat(
      await Promise.all((await archive.segments()).map(async (name) => archive.readSegment(name))),
    );
    for (const number of said.tried.dispose) {
      const there = (await store.stat(crashPut(number))) !== undefined;
      const bytes = crashPut(number).bytes.subarray(0, 64);
      if (!there) expect([number, files.includes(bytes)]).toEqual([number, false]);
    }
  });
});
