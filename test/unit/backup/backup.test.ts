import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { backup, type BackupOptions, type BackupReport, restore, type StoredArchive } from '#backup';
import { digestOf } from '#kernel';
import { verify } from '#verification';
import { filesWith, letter, openStores, STARTED_AT, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

function backUp(source: WholeArchive, target: StoredArchive, more: Partial<BackupOptions> = {}): Promise<BackupReport> {
  return backup(source, target, { clock: source.clock, actor: 'cli', to: 'file:backup', ...more });
}

async function findingsOf(stored: StoredArchive, source: WholeArchive): Promise<string[]> {
  const findings: string[] = [];
  const { archive, ledgerStore } = stored;
  const { clock } = source;
  for await (const { code, place, problem } of verify({ archive, ledgerStore, clock }, { full: true })) {
    findings.push(`${code} ${place} ${problem}`);
  }
  return findings;
}

function letters(from: number, to: number): Buffer[] {
  return Array.from({ length: to - from }, (_, index) => letter(from + index));
}

describe('backup', () => {
  test('holds every message and the same ledger, and says so in the source', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture(letters(0, 40));
    const { size, root } = source.recorder.ledger.head;
    const report = await backUp(source, target);
    expect(report).toMatchObject({ size, root, messages: 40, copiedMessages: 40, disposals: 0 });
    expect(await findingsOf(target, source)).toEqual([]);
    for (const bytes of letters(0, 40)) {
      expect((await target.archive.read({ digest: digestOf(bytes), generation: 1 })).equals(bytes)).toBe(true);
    }
    const entry = await source.recorder.ledger.entry(size);
    expect(entry).toMatchObject({ kind: 'backup', size, root, messages: 40, aside: { to: 'file:backup' } });
  });

  test('brings only what is new the next time, locks included', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture(letters(0, 30));
    await backUp(source, target);
    await source.capture(letters(25, 35));
    const matter = await source.matters.create({ name: 'harbour', description: '' }, 'cli');
    await source.holds.place({ matter: matter.id, query: 'subject:"letter 7"', reason: 'claim' }, 'cli');
    await source.retention.setDefault('7y', 'cli');
    const report = await backUp(source, target);
    expect(report).toMatchObject({ messages: 35, copiedMessages: 5 });
    for (const bytes of letters(0, 35)) {
      const ref = source.message(bytes);
      expect((await target.archive.stat(ref))?.lock).toEqual((await source.archive.stat(ref))?.lock);
    }
    expect((await target.archive.stat(source.message(letter(7))))?.lock.legalHold).toBe(true);
    expect(await findingsOf(target, source)).toEqual([]);
  });

  test('a hold that was released in the source is lifted in the backup, and keeps no disposal from it', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture(letters(0, 5));
    const matter = await source.matters.create({ name: 'harbour', description: '' }, 'cli');
    const { hold } = await source.holds.place({ matter: matter.id, query: 'harbour', reason: 'claim' }, 'cli');
    await backUp(source, target);
    expect((await target.archive.stat(source.message(letter(3))))?.lock.legalHold).toBe(true);
    await source.holds.release(hold.id, 'settled', 'cli');
    await source.disposition.dispose(source.message(letter(4)), 'expired', 'cli');
    await backUp(source, target);
    expect((await target.archive.stat(source.message(letter(3))))?.lock.legalHold).toBe(false);
    expect(await target.archive.stat(source.message(letter(4)))).toBeUndefined();
  });

  test('a disposal reaches the backup: bytes and names are in no file of it (invariant 17)', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await source.capture([letter(98, 'other')], 'quetzalcoatl');
    await source.capture([...letters(0, 10), letter(99, 'zanzibarsecret')]);
    await source.capture([letter(10)]);
    const targetRoot = join(folder.path, 'target');
    {
      await using target = await openStores(targetRoot);
      await backUp(source, target);
    }
    expect(await filesWith(targetRoot, 'zanzibarsecret')).not.toEqual([]);
    expect(await filesWith(targetRoot, 'quetzalcoatl')).not.toEqual([]);
    await source.disposition.dispose(source.message(letter(99, 'zanzibarsecret')), 'erasure', 'cli');
    await source.disposition.dispose(source.message(letter(98, 'other')), 'erasure', 'cli');
    {
      await using target = await openStores(targetRoot);
      expect(await backUp(source, target)).toMatchObject({ messages: 11, disposals: 2 });
      expect(await findingsOf(target, source)).toEqual([]);
    }
    expect(await filesWith(targetRoot, 'zanzibarsecret')).toEqual([]);
    expect(await filesWith(targetRoot, 'quetzalcoatl')).toEqual([]);
  });

  test('bytes that came back after their disposal are in the backup as their new generation', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture(letters(0, 3));
    await backUp(source, target);
    await source.disposition.dispose(source.message(letter(1)), 'expired', 'cli');
    await source.capture([letter(1)], 'ben');
    await backUp(source, target);
    const digest = digestOf(letter(1));
    expect(await target.archive.stat({ digest, generation: 1 })).toBeUndefined();
    expect((await target.archive.read({ digest, generation: 2 })).equals(letter(1))).toBe(true);
    expect(await findingsOf(target, source)).toEqual([]);
  });

  test('is safe while mail comes in: what it holds is whole', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture(letters(0, 60));
    const arriving = (async () => {
      for (let at = 60; at < 120; at += 10) {
        await source.capture(letters(at, at + 10));
        await source.disposition.dispose(source.message(letter(at - 30)), 'expired', 'cli');
      }
    })();
    const report = await backUp(source, target);
    expect(await findingsOf(target, source)).toEqual([]);
    await arriving;
    expect(report.messages).toBeGreaterThan(50);
    expect(await backUp(source, target)).toMatchObject({ messages: 114 });
    expect(await findingsOf(target, source)).toEqual([]);
  });

  test('stopped on request, it is completed by the next run', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture(letters(0, 10));
    const stop = new AbortController();
    const options = { clock: source.clock, actor: 'cli', to: 'file:x', signal: stop.signal };
    const onProgress = () => stop.abort();
    await expect(backup(source, target, { ...options, onProgress })).rejects.toMatchObject({ code: 'interrupted' });
    expect(await backUp(source, target)).toMatchObject({ messages: 10, copiedMessages: 0 });
    expect(await findingsOf(target, source)).toEqual([]);
  });

  test('the backup of another archive is refused and left alone', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using other = await WholeArchive.open(join(folder.path, 'other'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture(letters(0, 3));
    await other.capture(letters(3, 6));
    const { size } = await backUp(other, target);
    await expect(backUp(source, target)).rejects.toMatchObject({ code: 'target-foreign' });
    expect(await findingsOf(target, source)).toEqual([]);
    expect(await target.ledgerStore.newest()).toBeLessThan(size);
  });

  test('messages without a ledger are no backup to continue', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    const bytes = letter(1);
    const lock = { legalHold: false, retainUntil: null };
    const put = { digest: digestOf(bytes), generation: 1, size: bytes.length, content: { bytes }, lock };
    await target.archive.putAll([{ ...put, sighting: '0'.repeat(32), storedAt: STARTED_AT }]);
    await expect(backUp(source, target)).rejects.toMatchObject({ code: 'target-foreign' });
  });

  test('an archive that lacks entries of its backup is refused (invariant 19)', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using early = await openStores(join(folder.path, 'early'));
    await using late = await openStores(join(folder.path, 'late'));
    await source.capture(letters(0, 3));
    await backUp(source, early);
    await source.capture(letters(3, 6));
    await backUp(source, late);
    const cut = {
      recorder: source.recorder,
      truth: source.truth,
      archive: early.archive,
      ledgerStore: early.ledgerStore,
    };
    const options = { clock: source.clock, actor: 'cli', to: 'file:late' };
    await expect(backup(cut, late, options)).rejects.toMatchObject({ code: 'target-ahead' });
  });
});

describe('restore', () => {
  test('gives the same root, bytes and locks (invariant 25)', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await using into = await openStores(join(folder.path, 'into'));
    await source.capture(letters(0, 40));
    const matter = await source.matters.create({ name: 'harbour', description: '' }, 'cli');
    await source.holds.place({ matter: matter.id, query: 'subject:"letter 7"', reason: 'claim' }, 'cli');
    await source.disposition.dispose(source.message(letter(5)), 'expired', 'cli');
    const { size, root } = await backUp(source, target);
    const report = await restore(target, into, { clock: source.clock });
    expect(report).toMatchObject({ size, root, messages: 39, missing: [], unrecorded: 0 });
    expect(await findingsOf(into, source)).toEqual([]);
    expect((await into.archive.stat(source.message(letter(7))))?.lock.legalHold).toBe(true);
    expect((await into.archive.read(source.message(letter(8)))).equals(letter(8))).toBe(true);
  });

  test('an old backup does not bring back what was disposed of before it', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await source.capture([...letters(0, 4), letter(99, 'zanzibarsecret')]);
    await backUp(source, target);
    await source.disposition.dispose(source.message(letter(99, 'zanzibarsecret')), 'erasure', 'cli');
    await backUp(source, target);
    await source.capture(letters(4, 8));
    const intoRoot = join(folder.path, 'into');
    {
      await using into = await openStores(intoRoot);
      expect(await restore(target, into, { clock: source.clock })).toMatchObject({
        messages: 4,
        missing: [],
        unrecorded: 0,
      });
    }
    expect(await filesWith(intoRoot, 'zanzibarsecret')).toEqual([]);
    await using restored = await openStores(intoRoot);
    expect(await findingsOf(restored, source)).toEqual([]);
  });

  test('refuses an archive that holds anything, unless it resumes', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await using into = await openStores(join(folder.path, 'into'));
    await using empty = await openStores(join(folder.path, 'empty'));
    await source.capture(letters(0, 4));
    await backUp(source, target);
    await expect(restore(empty, into, { clock: source.clock })).rejects.toMatchObject({ code: 'nothing-to-restore' });
    await expect(restore(target, source, { clock: source.clock })).rejects.toMatchObject({ code: 'not-empty' });
    const stop = new AbortController();
    const stopped = { clock: source.clock, signal: stop.signal, onProgress: () => stop.abort() };
    await expect(restore(target, into, stopped)).rejects.toMatchObject({ code: 'interrupted' });
    await expect(restore(target, into, { clock: source.clock })).rejects.toMatchObject({ code: 'not-empty' });
    const resumed = await restore(target, into, { clock: source.clock, resume: true });
    expect(resumed).toMatchObject({ messages: 4, missing: [] });
    expect(await findingsOf(into, source)).toEqual([]);
  });

  test('counts what a backup that was cut off has, and its ledger does not name', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    await using target = await openStores(join(folder.path, 'target'));
    await using into = await openStores(join(folder.path, 'into'));
    await source.capture(letters(0, 4));
    await backUp(source, target);
    await source.capture(letters(4, 6));
    const stop = new AbortController();
    const stopping = { signal: stop.signal, onProgress: () => stop.abort() };
    await expect(backUp(source, target, stopping)).rejects.toMatchObject({ code: 'interrupted' });
    const report = await restore(target, into, { clock: source.clock });
    expect(report).toMatchObject({ messages: 6, missing: [], unrecorded: 2 });
  });
});
