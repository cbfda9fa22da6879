import { describe, expect, test } from '@jest/globals';
import { readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { backup, type BackupReport, restore } from '#backup';
import { digestOf } from '#kernel';
import { verify } from '#verification';
import { letter, openStores, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const letters = Array.from({ length: 40 }, (_, number) => letter(number));

interface BackedUp extends AsyncDisposable {
  readonly source: WholeArchive;
  readonly root: string;
}

/** A source with a backup of it that has gone further since, each with a segment for either half of the messages. */
async function backedUp(folder: TemporaryFolder): Promise<BackedUp> {
  const root = join(folder.path, 'target');
  {
    await using begun = await WholeArchive.open(join(folder.path, 'source'));
    await begun.capture(letters.slice(0, 20), 'ada');
    await backUp(begun, root);
  }
  const source = await WholeArchive.open(join(folder.path, 'source'));
  await source.capture(letters.slice(20, 39), 'ada');
  await source.disposition.dispose(source.message(letter(3)), 'expired', 'cli');
  await backUp(source, root);
  await source.matters.create({ name: 'harbour', description: '' }, 'cli');
  await backUp(source, root);
  return { source, root, [Symbol.asyncDispose]: () => source[Symbol.asyncDispose]() };
}

async function backUp(source: WholeArchive, root: string, verifying?: 'full'): Promise<BackupReport> {
  await using target = await openStores(root);
  const options = { clock: source.clock, actor: 'cli', to: 'file:backup' };
  return await backup(source, target, { ...options, ...(verifying && { verify: verifying }) });
}

async function expectSound(root: string, source: WholeArchive): Promise<void> {
  await using target = await openStores(root);
  const findings: string[] = [];
  for await (const { code, place } of verify({ ...target, clock: source.clock }, { full: true })) {
    findings.push(`${code} ${place}`);
  }
  expect(findings).toEqual([]);
}

async function segmentsOf(root: string): Promise<readonly string[]> {
  const folder = join(root, 'archive', 'segments');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.seg'));
  return names.sort().map((name) => join(folder, name));
}

describe('what a backup has lost since', () => {
  test('all segments: every message is copied again, and it is said', async () => {
    await using folder = await TemporaryFolder.make();
    await using both = await backedUp(folder);
    const { source, root } = both;
    for (const segment of await segmentsOf(root)) await rm(segment);
    expect(await backUp(source, root)).toMatchObject({ messages: 38, copiedMessages: 38, lostMessages: 38 });
    await expectSound(root, source);
    expect(await backUp(source, root)).toMatchObject({ messages: 38, copiedMessages: 0, lostMessages: 0 });
  });

  test('also the messages of its newest batch', async () => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    const root = join(folder.path, 'target');
    await source.capture(letters, 'ada');
    await backUp(source, root);
    for (const segment of await segmentsOf(root)) await rm(segment);
    expect(await backUp(source, root)).toMatchObject({ messages: 40, copiedMessages: 40, lostMessages: 40 });
  });

  test('one segment, or the end of one: what lay there is copied again', async () => {
    await using folder = await TemporaryFolder.make();
    await using both = await backedUp(folder);
    const { source, root } = both;
    const [first = '', second = ''] = await segmentsOf(root);
    await truncate(second, 5_000);
    const cut = await backUp(source, root);
    expect(cut.lostMessages).toBeGreaterThan(0);
    expect(cut.lostMessages).toBeLessThan(19);
    await rm(first);
    expect(await backUp(source, root)).toMatchObject({ messages: 38, lostMessages: 19 });
    await expectSound(root, source);
  });

  test('the locator with the segments: no more is believed of them', async () => {
    await using folder = await TemporaryFolder.make();
    await using both = await backedUp(folder);
    const { source, root } = both;
    for (const segment of await segmentsOf(root)) await rm(segment);
    await rm(join(root, 'derived'), { recursive: true });
    expect(await backUp(source, root)).toMatchObject({ messages: 38, lostMessages: 38 });
    await expectSound(root, source);
  });

  test('ledger batches and sidecars', async () => {
    await using folder = await TemporaryFolder.make();
    await using both = await backedUp(folder);
    const { source, root } = both;
    const ledger = join(root, 'ledger');
    const batches = (await readdir(ledger)).filter((name) => name.startsWith('0')).sort();
    const sidecars = (await readdir(join(ledger, 'sidecar'))).sort();
    await rm(join(ledger, batches[1] ?? ''));
    await rm(join(ledger, 'sidecar', sidecars[2] ?? ''));
    expect(await backUp(source, root)).toMatchObject({ lostMessages: 0, lostBatches: 2 });
    await expectSound(root, source);
    expect(await backUp(source, root)).toMatchObject({ lostBatches: 0 });
  });

  test('what the source has lost as well keeps the backup from being called complete; the rest is copied', async () => {
    await using folder = await TemporaryFolder.make();
    const { source, root } = await backedUp(folder);
    await source[Symbol.asyncDispose]();
    for (const segment of await segmentsOf(root)) await rm(segment);
    const [first = ''] = await segmentsOf(source.root);
    await rm(first);
    await using again = await WholeArchive.open(source.root);
    const { size } = again.recorder.ledger.head;
    await again.capture([letter(39)], 'ada');
    await expect(backUp(again, root)).rejects.toMatchObject({ code: 'source-damaged' });
    await using target = await openStores(root);
    for (const bytes of [letter(38), letter(39)]) {
      expect((await target.archive.read({ digest: digestOf(bytes), generation: 1 })).equals(bytes)).toBe(true);
    }
    for await (const { entries } of again.recorder.ledger.read(size)) {
      expect(entries.map(({ kind }) => kind)).not.toContain('backup');
    }
  });
});

describe('an archive whose catalog lacks a message', () => {
  test.each([undefined, 'full' as const])('is backed up by what its ledger says (%s)', async (verifying) => {
    await using folder = await TemporaryFolder.make();
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    const root = join(folder.path, 'target');
    await source.capture(letters, 'ada');
    const { sequence, digest } = source.message(letter(5));
    const catalog = new DatabaseSync(join(source.root, 'derived', 'catalog.sqlite'));
    catalog.exec(`delete from message where sequence = ${sequence}`);
    catalog.close();
    expect(source.catalog.messages.byDigest(digest)).toBeUndefined();
    expect(await backUp(source, root, verifying)).toMatchObject({ messages: 40, copiedMessages: 40 });
    await using target = await openStores(root);
    await using into = await openStores(join(folder.path, 'into'));
    expect(await restore(target, into, { clock: source.clock })).toMatchObject({ messages: 40, missing: [] });
  });
});
