import { describe, expect, test } from '@jest/globals';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, type BackupOptions, restore } from '#backup';
import { digestOf } from '#kernel';
import { Ledger } from '#ledger';
import { letter, openStores, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const letters = Array.from({ length: 12 }, (_, number) => letter(number));

function options(source: WholeArchive, more: Partial<BackupOptions> = {}): BackupOptions {
  return { clock: source.clock, actor: 'cli', to: 'file:backup', ...more };
}

/** Changes one byte of a stored message: by default in its content, at 0 in its header. */
async function flipIn(root: string, bytes: Buffer, offset = 300): Promise<void> {
  const folder = join(root, 'archive', 'segments');
  for (const name of await readdir(folder)) {
    const segment = await readFile(join(folder, name));
    const at = segment.indexOf(digestOf(bytes));
    if (at < 0) continue;
    const place = at + offset;
    segment[place] = (segment[place] ?? 0) ^ 0x10;
    await writeFile(join(folder, name), segment);
    return;
  }
  throw new Error('no segment has the message');
}

async function newestBatch(root: string): Promise<string> {
  const names = (await readdir(join(root, 'ledger'))).filter((name) => /^[0-9a-f]{16}$/u.test(name)).sort();
  return join(root, 'ledger', names.at(-1) ?? '');
}

describe('a damaged backup', () => {
  test('what does not read back after the copy keeps the backup from being called complete (invariant 26)', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await source.capture(letters);
    const { size } = source.recorder.ledger.head;
    const root = join(folder.path, 'target');
    const stop = new AbortController();
    {
      await using target = await openStores(root);
      const stopping = options(source, { signal: stop.signal, onProgress: () => stop.abort() });
      await expect(backup(source, target, stopping)).rejects.toMatchObject({ code: 'interrupted' });
    }
    await flipIn(root, letter(5));
    await using target = await openStores(root);
    for (let run = 0; run < 2; run++) {
      await expect(backup(source, target, options(source))).rejects.toMatchObject({ code: 'target-damaged' });
    }
    expect(source.recorder.ledger.head.size).toBe(size);
  });

  test('in full, what rotted since is found', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await source.capture(letters);
    const root = join(folder.path, 'target');
    {
      await using target = await openStores(root);
      await backup(source, target, options(source));
      await backup(source, target, options(source, { verify: 'full' }));
    }
    await flipIn(root, letter(5));
    await using target = await openStores(root);
    const full = options(source, { verify: 'full' });
    await expect(backup(source, target, full)).rejects.toMatchObject({ code: 'target-damaged' });
  });

  test.each(['full', 'incremental'] as const)('what was lost from it is copied again (%s)', async (verify) => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await source.capture(letters);
    await using whole = await openStores(join(folder.path, 'whole'));
    await backup(source, whole, options(source));
    await using lacking = await openStores(join(folder.path, 'lacking'));
    const { archive } = lacking;
    const mixed = { archive, ledgerStore: whole.ledgerStore };
    const report = await backup(source, mixed, options(source, { verify }));
    expect(report).toMatchObject({ messages: 12, copiedMessages: 12 });
  });

  test('a cut ledger batch at its end is damage, not a place to go on from', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await source.capture(letters);
    const root = join(folder.path, 'target');
    {
      await using target = await openStores(root);
      await backup(source, target, options(source));
    }
    const batch = await newestBatch(root);
    await truncate(batch, (await readFile(batch)).length - 7);
    await using target = await openStores(root);
    await expect(backup(source, target, options(source))).rejects.toMatchObject({ code: 'target-damaged' });
  });

  test('a restore names what the backup cannot give, and gives the rest', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await source.capture(letters);
    const root = join(folder.path, 'target');
    {
      await using target = await openStores(root);
      await backup(source, target, options(source));
    }
    await flipIn(root, letter(5));
    await using target = await openStores(root);
    await using into = await openStores(join(folder.path, 'into'));
    const report = await restore(target, into, { clock: source.clock });
    expect(report).toMatchObject({ messages: 11, missing: [digestOf(letter(5))] });
    expect((await into.archive.read(source.message(letter(6)))).equals(letter(6))).toBe(true);
  });

  test('a damaged source does not pass for backed up; all else is copied, each time', async () => {
    await using folder = await TemporaryFolder.make();
    const root = join(folder.path, 'source');
    {
      await using source = await WholeArchive.open(root);
      await source.capture(letters);
    }
    await flipIn(root, letter(5));
    await using source = await WholeArchive.open(root);
    const place = join(folder.path, 'target');
    for (let run = 0; run < 2; run++) {
      await using target = await openStores(place);
      await expect(backup(source, target, options(source))).rejects.toMatchObject({
        code: 'source-damaged',
        facts: { messages: 1, first: digestOf(letter(5)) },
      });
      expect((await target.archive.read(source.message(letter(6)))).equals(letter(6))).toBe(true);
      await using copy = await Ledger.open({ store: target.ledgerStore, clock: source.clock });
      expect(copy.head).toEqual(source.recorder.ledger.head);
      await source.capture([letter(20 + run)]);
    }
    await using target = await openStores(place);
    await using into = await openStores(join(folder.path, 'into'));
    const restored = await restore(target, into, { clock: source.clock });
    expect(restored).toMatchObject({ messages: 12, missing: [digestOf(letter(5))] });
  });

  test('a lock that the source cannot tell is what its ledger says, and keeps nothing from being copied', async () => {
    await using folder = await TemporaryFolder.make();
    const root = join(folder.path, 'source');
    await using target = await openStores(join(folder.path, 'target'));
    {
      await using source = await WholeArchive.open(root);
      await source.capture(letters);
      await backup(source, target, options(source));
      const { id } = await source.matters.create({ name: 'harbour', description: '' }, 'cli');
      await source.holds.place({ matter: id, query: 'subject:"letter 5"', reason: 'claim' }, 'cli');
    }
    await flipIn(root, letter(5), 0);
    await using source = await WholeArchive.open(root);
    for (const verify of ['incremental', 'full'] as const) {
      const { size } = await backup(source, target, options(source, { verify }));
      expect(size).toBe(source.recorder.ledger.head.size - 1);
      expect(await target.archive.stat(source.message(letter(5)))).toMatchObject({ lock: { legalHold: true } });
    }
  });
});
