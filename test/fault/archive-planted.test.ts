import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { verify } from '#verification';
import { orderFor, putOf, scrubbed, STORED_AT } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';
import { plantSegment } from '../planted-segment.ts';
import { letter, STARTED_AT, TemporaryFolder, WholeArchive } from '../whole-archive.ts';

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

test('what lies beside the segments, or is no file as the archive writes it, is named without reading every byte', async () => {
  await using archive = await make();
  const [segment = ''] = await archive.segments();
  const [identity = ''] = (await readdir(archive.segmentsFolder)).filter((name) => name.startsWith('storage-'));
  const other = `storage-${'0'.repeat(16)}`;
  await rename(join(archive.segmentsFolder, segment), join(archive.root, segment));
  await symlink(join(archive.root, segment), join(archive.segmentsFolder, segment));
  await writeFile(join(archive.segmentsFolder, identity), 'x');
  await writeFile(join(archive.segmentsFolder, other), '');
  await writeFile(join(archive.record, 'notes.txt'), '');
  for (const folder of [archive.record, archive.segmentsFolder]) await mkdir(join(folder, 'lost+found'));
  await using store = await archive.open();
  const found = [];
  for await (const { place, problem } of store.listStrays()) found.push(`${place}: ${problem}`);
  expect(found).toEqual([
    'archive/notes.txt: a file that the archive did not write',
    expect.stringMatching(`^${segment}: it is no regular file`),
    ...[
      `${other}: a file that the archive did not write`,
      `${identity}: the archive writes it empty, and there are bytes in it`,
    ].sort(),
  ]);
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

describe('verify names what was put into storage behind the ledger', () => {
  /** An archive of three messages, and what is found when its segments have these frames besides. */
  async function findingsWith(contents: Parameters<typeof plantSegment>[2]): Promise<string[]> {
    await using folder = await TemporaryFolder.make();
    {
      await using archive = await WholeArchive.open(folder.path);
      await archive.capture([letter(1), letter(2), letter(3)]);
    }
    // As who has both volumes: the archive takes the segment for its own.
    await rm(join(folder.path, 'storage.id'));
    await plantSegment(join(folder.path, 'archive', 'segments'), 99, contents);
    await using archive = await WholeArchive.open(folder.path);
    const found: string[] = [];
    for await (const { code, place } of verify(archive, { full: true })) found.push(`${code} ${place}`);
    return found;
  }

  const disposal = (bytes: Buffer, generation = 1) => {
    const ref = { digest: digestOf(bytes), generation };
    return { type: 'disposal', header: { ...orderFor(ref), at: STORED_AT } } as const;
  };

  const lock = (bytes: Buffer, retainUntil: number) => {
    const header = { at: STORED_AT, digest: digestOf(bytes), generation: 1, lock: { legalHold: false, retainUntil } };
    return { type: 'lock', header } as const;
  };

  test.each([Date.UTC(9000, 0, 1), Number.MAX_SAFE_INTEGER])(
    'a lock until %i, which nothing in the ledger gives reason for',
    async (retainUntil) => {
      expect(await findingsWith([lock(letter(2), retainUntil)])).toEqual([
        `lock-too-long message ${digestOf(letter(2))}`,
      ]);
    },
  );

  test('not a lock by a schedule that was shortened, ended, or had ended before the entry', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.retention.setDefault('10y', 'cli');
    await archive.capture([letter(1)]);
    await archive.retention.setDefault('1y', 'cli');
    await archive.capture([letter(2)]);
    await archive.retention.setDefault('none', 'cli');
    // As whoever stored it by the first schedule and died.
    const { digest, bytes, size } = putOf(letter(3));
    const retainUntil = STARTED_AT + 3_650 * 86_400_000;
    await archive.archive.putAll([
      {
        digest,
        generation: 1,
        content: { bytes },
        size,
        lock: { legalHold: false, retainUntil },
        sighting: '',
        storedAt: STARTED_AT,
      },
    ]);
    await archive.capture([letter(3)]);
    const found = [];
    for await (const finding of verify(archive, { full: false })) found.push(finding);
    expect(found).toEqual([]);
  });

  test('an order for what was never captured, or is archived, in any generation', async () => {
    const orders = [disposal(letter(9)), disposal(letter(2), 2), disposal(letter(3))];
    expect((await findingsWith(orders)).sort()).toEqual(
      [
        `message-missing message ${digestOf(letter(3))}`,
        `order-unknown message ${digestOf(letter(2))} (generation 2)`,
        `order-unknown message ${digestOf(letter(3))}`,
        `order-unknown message ${digestOf(letter(9))}`,
      ].sort(),
    );
  });
});
