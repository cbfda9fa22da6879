import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { orderFor, putOf, scrubbed, STORED_AT } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';
import { plantSegment } from '../planted-segment.ts';

const kept = putOf('kept');
const late = putOf('late');
/** As one that a person with the volume could make: it orders what is kept to be destroyed. */
const order = { type: 'disposal', header: { ...orderFor(kept), at: STORED_AT } } as const;

async function make(): Promise<FilesystemArchive> {
  const archive = await FilesystemArchive.make();
  await using store = await archive.open();
  await store.putAll([kept]);
  return archive;
}

describe('a segment that the archive did not begin', () => {
  test.each([
    [2, [order]],
    [2_097_151, []],
  ])(
    'of number %i is named and not read, and nothing is acknowledged beside it (invariant 1)',
    async (number, frames) => {
      await using archive = await make();
      const name = await plantSegment(archive.segmentsFolder, number, frames);
      await archive.deleteLocator();
      for (const _opening of [1, 2]) {
        await using store = await archive.open();
        expect(await store.read(kept)).toEqual(kept.bytes);
        expect(await scrubbed(store)).toEqual([expect.stringMatching(`${name}: .* did not begin`)]);
        await expect(store.putAll([late])).rejects.toMatchObject({ code: 'store-unavailable' });
      }
      await rm(join(archive.segmentsFolder, name));
      for (const expected of ['stored', 'exists']) {
        await using store = await archive.open();
        expect(await scrubbed(store)).toEqual([]);
        expect(await store.putAll([late])).toMatchObject([{ outcome: expected }]);
      }
    },
  );

  test('is noticed where it comes while the archive is open', async () => {
    await using archive = await make();
    await using store = await archive.open();
    const name = await plantSegment(archive.segmentsFolder, 2, []);
    await expect(store.putAll([late])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await scrubbed(store)).toEqual([expect.stringContaining(name)]);
  });

  test('is the archive’s where storage.id was removed, and mail is refused where no number is left after it', async () => {
    await using archive = await make();
    await plantSegment(archive.segmentsFolder, 2_097_151, []);
    await rm(join(archive.root, 'storage.id'));
    await using store = await archive.open();
    await expect(store.putAll([late])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await store.read(kept)).toEqual(kept.bytes);
  });
});

test('a file with a number that no segment can have is none, and is named', async () => {
  await using archive = await make();
  const name = await plantSegment(archive.segmentsFolder, 99_999_999, [order]);
  await archive.deleteLocator();
  for (const expected of ['stored', 'exists']) {
    await using store = await archive.open();
    expect(await store.putAll([late])).toMatchObject([{ outcome: expected }]);
    expect(await store.read(late)).toEqual(late.bytes);
    expect(await scrubbed(store)).toEqual([`${name}: a file that the archive did not write`]);
  }
});

test('numbers are given as far as their segments can be read, and no further', async () => {
  await using archive = await make();
  const file = join(archive.root, 'storage.id');
  const [name = ''] = (await readFile(file, 'utf8')).split(' ');
  await writeFile(file, `${name} 2097150\n`);
  for (const expected of ['stored', 'exists']) {
    await using store = await archive.open();
    expect(await store.putAll([late])).toMatchObject([{ outcome: expected }]);
    expect(await readFile(file, 'utf8')).toBe(`${name} 2097151\n`);
  }
  await using store = await archive.open();
  await expect(store.putAll([putOf('later still')])).rejects.toMatchObject({ code: 'store-unavailable' });
});
