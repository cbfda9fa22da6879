import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BlobPut, BlobStore } from '#archive';
import { listed, noise, orderFor, putOf, scrubbed, STORED_AT } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';

const puts = Array.from({ length: 60 }, (_, index) => putOf(noise(index, 100 + index * 20)));
const gone = putOf(noise(1_000, 500));

describe('the locator is derived', () => {
  let archive: FilesystemArchive;

  beforeEach(async () => {
    archive = await FilesystemArchive.make(4_000);
    await using store = await archive.open();
    for (let at = 0; at < puts.length; at += 7) await store.putAll(puts.slice(at, at + 7));
    await store.putAll([gone]);
    await store.setLegalHolds(puts.slice(0, 10), true);
    await store.setLegalHolds(puts.slice(0, 4), false);
    await store.extendRetention(puts.slice(2, 20), STORED_AT + 9);
    await store.dispose(orderFor(gone));
  });
  afterEach(async () => archive[Symbol.asyncDispose]());

  async function expectSameAfter(change: () => Promise<void>): Promise<void> {
    const before = await archive.open();
    const expected = await listed(before);
    await before[Symbol.asyncDispose]();
    await change();
    await using store = await archive.open();
    expect(await listed(store)).toEqual(expected);
    expect(expected).toHaveLength(puts.length);
    for (const put of puts) expect(await store.read(put)).toEqual(put.bytes);
    await expect(store.read(gone)).rejects.toMatchObject({ code: 'disposed' });
    expect(await scrubbed(store)).toEqual([]);
  }

  test('reopening changes nothing', async () => expectSameAfter(async () => undefined));

  test('deleted, it is made anew', async () => expectSameAfter(async () => archive.deleteLocator()));

  test('a file that is none is replaced', async () =>
    expectSameAfter(async () => writeFile(archive.locatorFile, noise(1, 20_000))));

  test('cut short, it is replaced', async () =>
    expectSameAfter(async () =>
      writeFile(archive.locatorFile, (await readFile(archive.locatorFile)).subarray(0, 5_000)),
    ));

  test('an older copy is read on from where it stopped', async () => {
    const copy = `${archive.locatorFile}.copy`;
    await copyFile(archive.locatorFile, copy);
    const store = await archive.open();
    const late = putOf('stored after the copy');
    await store.putAll([late]);
    await store.setLegalHolds(puts.slice(30, 31), true);
    await store[Symbol.asyncDispose]();
    await archive.deleteLocator();
    await copyFile(copy, archive.locatorFile);
    await using reopened = await archive.open();
    expect(await reopened.read(late)).toEqual(late.bytes);
    expect((await reopened.stat(puts[30] ?? late))?.lock.legalHold).toBe(true);
  });

  test('the locator of another archive is not believed', async () => {
    await using other = await FilesystemArchive.make();
    const store = await other.open();
    await store.putAll([putOf('foreign')]);
    await store[Symbol.asyncDispose]();
    await expectSameAfter(async () => copyFile(other.locatorFile, archive.locatorFile));
  });

  test('a segment that comes back is read where it belongs, and its number was not given again', async () => {
    const [first = '', second = '', third = ''] = await archive.segments();
    const aside = `${archive.root}/${first}`;
    const late = putOf('stored while one was missing');
    await expectSameAfter(async () => {
      for (const name of [first, second, third])
        await rename(`${archive.segmentsFolder}/${name}`, `${archive.root}/${name}`);
      for (const each of [1, 2]) {
        await using store = await archive.open();
        if (each === 2) await store.putAll([late]);
      }
      const names = await archive.segments();
      expect(new Set(names.map((name) => name.slice(0, 8))).size).toBe(names.length);
      for (const name of [third, second, first]) {
        await rename(`${archive.root}/${name}`, `${archive.segmentsFolder}/${name}`);
        await using _store = await archive.open();
      }
      await using store = await archive.open();
      expect(await store.read(late)).toEqual(late.bytes);
      await store.dispose(orderFor(late));
    });
    expect(existsSync(aside)).toBe(false);
  });

  test('nor is the highest number, where the locator was made anew meanwhile', async () => {
    const last = (await archive.segments()).at(-1) ?? '';
    await rename(`${archive.segmentsFolder}/${last}`, `${archive.root}/${last}`);
    for (const each of [1, 2, 3]) {
      await using store = await archive.open();
      if (each === 3) await store.putAll([putOf('late')]);
    }
    expect((await archive.segments()).map((name) => name.slice(0, 8))).not.toContain(last.slice(0, 8));
  });

  test('nor where the locator was deleted', async () => {
    const last = (await archive.segments()).at(-1) ?? '';
    await rename(`${archive.segmentsFolder}/${last}`, `${archive.root}/${last}`);
    await archive.deleteLocator();
    await using store = await archive.open();
    await store.putAll([putOf('late')]);
    expect((await archive.segments()).map((name) => name.slice(0, 8))).not.toContain(last.slice(0, 8));
  });

  test('nothing is acknowledged in an empty folder that has taken its place while it was open', async () => {
    await using store = await archive.open();
    await rename(archive.segmentsFolder, `${archive.root}/away`);
    await mkdir(archive.segmentsFolder);
    await expect(store.putAll([putOf('late')])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await readdir(archive.segmentsFolder)).toEqual([]);
    await rm(archive.segmentsFolder, { recursive: true });
    await rename(`${archive.root}/away`, archive.segmentsFolder);
    expect(await store.putAll([putOf('late')])).toMatchObject([{ outcome: 'stored' }]);
  });

  test('a file of its own that cannot be read is no leave to begin anew in an empty folder', async () => {
    await writeFile(`${archive.root}/storage.id`, '');
    await rename(archive.segmentsFolder, `${archive.root}/away`);
    await mkdir(archive.segmentsFolder);
    await expect(archive.open()).rejects.toMatchObject({ code: 'store-unavailable' });
    await rm(archive.segmentsFolder, { recursive: true });
    await rename(`${archive.root}/away`, archive.segmentsFolder);
    await expectSameAfter(async () => undefined);
  });

  test('a folder that is not its own is refused, and left as it is', async () => {
    await using other = await FilesystemArchive.make();
    await (await other.open())[Symbol.asyncDispose]();
    for (const folder of [other.segmentsFolder, undefined]) {
      await rename(archive.segmentsFolder, `${archive.root}/away`);
      await (folder === undefined
        ? mkdir(archive.segmentsFolder)
        : cp(folder, archive.segmentsFolder, { recursive: true }));
      const before = await readdir(archive.segmentsFolder);
      await expect(archive.open()).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await readdir(archive.segmentsFolder)).toEqual(before);
      await rm(archive.segmentsFolder, { recursive: true });
      await rename(`${archive.root}/away`, archive.segmentsFolder);
    }
    await expectSameAfter(async () => undefined);
  });

  test.each(['storage.id', 'segments/storage-'])('where %s is gone, the other says which it is', async (name) => {
    const folder = name.startsWith('segments') ? archive.segmentsFolder : archive.root;
    const [marker = ''] = (await readdir(folder)).filter((each) => each.startsWith('storage'));
    const text = await readFile(`${archive.root}/storage.id`, 'utf8');
    await rm(`${folder}/${marker}`);
    // Without the file among the segments it is as if the volume were not there, until that is said to be so.
    if (folder === archive.segmentsFolder) {
      await expect(archive.open()).rejects.toMatchObject({ code: 'store-unavailable' });
      await rm(`${archive.root}/storage.id`);
    }
    await expectSameAfter(async () => undefined);
    const now = await readFile(`${archive.root}/storage.id`, 'utf8');
    expect(now.split(' ')[0] === text.split(' ')[0]).toBe(folder === archive.root);
  });

  test('a segment that is gone takes only its own messages, which are then not found', async () => {
    const [first = ''] = await archive.segments();
    const store = await archive.open();
    await rm(`${archive.segmentsFolder}/${first}`);
    expect(await scrubbed(store)).not.toEqual([]);
    await store[Symbol.asyncDispose]();
    await using reopened = await archive.open();
    const found = await listed(reopened);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(puts.length);
  });

  describe('and not believed where it says what the segments do not', () => {
    const [held, free, never] = [puts[7] ?? gone, puts[30] ?? gone, putOf('never stored')];

    function edit(sql: string, ...values: SQLInputValue[]): void {
      using db = new DatabaseSync(archive.locatorFile);
      db.prepare(sql).run(...values);
    }

    const keyOf = (put: BlobPut): Buffer => Buffer.from(put.digest, 'hex');
    const copyRow = 'INSERT INTO copies SELECT ?, 1, place, header, payload FROM blobs WHERE digest = ?';

    /** And the next start has made the file anew. */
    async function expectNamedOnce(): Promise<void> {
      const store = await archive.open();
      expect(await scrubbed(store)).toContainEqual(expect.stringContaining(`locator, blob ${held.digest} 0000000001`));
      await store[Symbol.asyncDispose]();
      await using reopened = await archive.open();
      expect(await scrubbed(reopened)).toEqual([]);
      await expectAllThere(reopened);
      expect((await reopened.stat(held))?.lock).toEqual({ legalHold: true, retainUntil: STORED_AT + 9 });
    }

    async function expectAllThere(store: BlobStore): Promise<void> {
      for (const put of puts) expect(await store.read(put)).toEqual(put.bytes);
    }

    test('a state without an order destroys nothing, and the file is made anew', async () => {
      edit('UPDATE blobs SET state = 1 WHERE digest = ?', keyOf(held));
      await using store = await archive.open();
      await expectAllThere(store);
      expect(await scrubbed(store)).toEqual([]);
    });

    test("a state with another message's order destroys nothing", async () => {
      edit(
        'UPDATE blobs SET state = 1, ordered = (SELECT ordered FROM blobs WHERE digest = ?) WHERE digest = ?',
        keyOf(gone),
        keyOf(held),
      );
      await using store = await archive.open();
      await expectAllThere(store);
    });

    test('a state that says the bytes are gone is named', async () => {
      edit('UPDATE blobs SET state = 2 WHERE digest = ?', keyOf(held));
      await expectNamedOnce();
    });

    test("a disposal destroys nothing at another message's place, and can be repeated at the next start", async () => {
      edit(copyRow, keyOf(free), keyOf(held));
      const store = await archive.open();
      expect(await scrubbed(store)).toEqual([expect.stringMatching(/^locator, copy /u)]);
      await expect(store.dispose(orderFor(free))).rejects.toMatchObject({ code: 'damaged' });
      await expectAllThere(store);
      await store[Symbol.asyncDispose]();
      await using reopened = await archive.open();
      expect(await scrubbed(reopened)).toEqual([]);
      await reopened.dispose(orderFor(free));
      expect(await reopened.read(held)).toEqual(held.bytes);
      await expect(reopened.read(free)).rejects.toMatchObject({ code: 'disposed' });
    });

    test('nor does the completion of a disposal that was interrupted', async () => {
      edit(copyRow, keyOf(gone), keyOf(held));
      edit('UPDATE blobs SET state = 1 WHERE digest = ?', keyOf(gone));
      await using store = await archive.open();
      await expectAllThere(store);
      expect(await scrubbed(store)).toEqual([]);
    });

    test('what was never stored is not taken for stored', async () => {
      edit(
        'INSERT INTO blobs SELECT ?, 1, place, header, payload, size, zstd, NULL, 0, 0, NULL FROM blobs WHERE digest = ?',
        keyOf(never),
        keyOf(held),
      );
      const store = await archive.open();
      expect(await scrubbed(store)).toHaveLength(1);
      await expect(store.putAll([never])).rejects.toMatchObject({ code: 'damaged' });
      await store[Symbol.asyncDispose]();
      await using reopened = await archive.open();
      expect(await reopened.putAll([never])).toMatchObject([{ outcome: 'stored' }]);
      expect(await reopened.read(never)).toEqual(never.bytes);
    });

    test('nor what stands, by the file, in a segment that is none', async () => {
      edit(
        'INSERT INTO blobs SELECT ?, 1, 99 * 4294967296 + 28, header, payload, size, zstd, NULL, 0, 0, NULL FROM blobs WHERE digest = ?',
        keyOf(never),
        keyOf(held),
      );
      const store = await archive.open();
      await expect(store.putAll([never])).rejects.toMatchObject({ code: 'damaged' });
      await store[Symbol.asyncDispose]();
      await using reopened = await archive.open();
      expect(await reopened.putAll([never])).toMatchObject([{ outcome: 'stored' }]);
    });

    test('a file that is not trusted any more stays so through whatever is written after', async () => {
      edit(copyRow, keyOf(free), keyOf(held));
      const store = await archive.open();
      await expect(store.dispose(orderFor(free))).rejects.toMatchObject({ code: 'damaged' });
      await store.putAll([never]);
      await store[Symbol.asyncDispose]();
      await using reopened = await archive.open();
      expect(await scrubbed(reopened)).toEqual([]);
    });

    test.each([
      ['a lock', 'UPDATE blobs SET hold = 0, retain = NULL WHERE digest = ?'],
      ['a row that is gone', 'DELETE FROM blobs WHERE digest = ?'],
      ['a size', 'UPDATE blobs SET size = size + 1 WHERE digest = ?'],
    ])('%s is compared', async (_what, sql) => {
      edit(sql, keyOf(held));
      await expectNamedOnce();
    });

    test('a trigger is not carried out', async () => {
      edit('CREATE TRIGGER t AFTER INSERT ON blobs BEGIN UPDATE blobs SET state = 1; END');
      await using store = await archive.open();
      await store.putAll([never]);
      await expectAllThere(store);
      expect(await scrubbed(store)).toEqual([]);
    });
  });
});
