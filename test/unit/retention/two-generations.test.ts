import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { type Finding, verify } from '#verification';
import { alter, letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const bytes = letter(1);
const digest = digestOf(bytes);

async function heldBy(archive: WholeArchive, query: string): Promise<string> {
  const matter = await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
  return (await archive.holds.place({ matter: matter.id, query, reason: 'claim' }, 'cli')).hold.id;
}

/** Bytes and entry of a second generation, as a program that believed an altered catalog recorded them. */
async function captureTwice(archive: WholeArchive): Promise<void> {
  const [generation, storedAt, lock] = [2, 0, { legalHold: false, retainUntil: null }];
  const put = { digest, generation, size: bytes.length, content: { bytes }, sighting: '2'.repeat(32), storedAt, lock };
  await archive.archive.putAll([put]);
  const seen = {
    digest,
    generation,
    source: 'a'.repeat(32),
    sighting: '2'.repeat(32),
    seenAt: 0,
    policy: -1,
    holds: [],
  };
  const aside = { custodian: 'ben', mailbox: 'inbox', format: 'eml' as const, path: '2.eml' };
  await archive.recorder.ledger.append([{ kind: 'capture', ...seen, size: bytes.length, flags: [], aside }]);
  await archive.recorder.catchUp();
}

describe('one message is not archived as two (invariant 8)', () => {
  test.each([
    ['disposed of', 'update message set state = 2'],
    ['being disposed of', 'update message set state = 1'],
    [
      'disposed of by an order',
      "update message set state = 2; insert into disposing values ('disposal-0', 0, (select sequence from message), 'r', 1, 0)",
    ],
  ])('where only the catalog says that it was %s', async (_what, sql) => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([bytes], 'ada');
    alter(join(folder.path, 'derived', 'catalog.sqlite'), sql);
    await expect(archive.capture([bytes], 'ben')).rejects.toMatchObject({ code: 'catalog-differs' });
    expect(await archive.archive.stat({ digest, generation: 2 })).toBeUndefined();
  });

  test('and it is where the ledger has the order', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([bytes], 'ada');
    await archive.disposition.dispose({ digest, generation: 1 }, 'expired', 'cli');
    expect(await archive.capture([bytes], 'ben')).toEqual(['captured']);
    expect(archive.catalog.messages.archivedOf(digest)).toMatchObject([{ generation: 2 }]);
    expect(archive.catalog.messages.archivedTwice()).toEqual([]);
  });
});

describe('where it was archived as two all the same (invariant 13)', () => {
  test('a hold on either keeps both, and without one both can be disposed of', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([bytes], 'ada');
    const hold = await heldBy(archive, 'custodian:ada');
    await captureTwice(archive);
    expect(archive.catalog.messages.archivedTwice()).toEqual([digest]);
    const dispose = () => archive.disposition.dispose({ digest, generation: 2 }, 'expired', 'cli');
    await expect(dispose()).rejects.toMatchObject({ code: 'held' });
    await archive.holds.release(hold, 'settled', 'cli');
    expect(await dispose()).toMatchObject({ generation: 2 });
    expect(await dispose()).toMatchObject({ generation: 1 });
    await expect(dispose()).rejects.toMatchObject({ code: 'already-disposed' });
    expect(await archive.archive.stat({ digest, generation: 1 })).toBeUndefined();
  });

  test('verify says so', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([bytes], 'ada');
    await captureTwice(archive);
    const { ledgerStore, catalog, index, clock } = archive;
    const parts = { ledgerStore, archive: archive.archive, catalog, index, clock };
    const found: Finding[] = [];
    for await (const finding of verify(parts, { full: false })) found.push(finding);
    expect(found).toMatchObject([{ code: 'archived-twice', place: `message ${digest}` }]);
  });
});
