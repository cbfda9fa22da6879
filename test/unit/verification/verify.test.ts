import { afterAll, describe, expect, test } from '@jest/globals';
import { appendFile, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobPut } from '#archive';
import { asSequence, digestOf } from '#kernel';
import { searchDocument, encodeDocument } from '#search';
import { parseMessage } from '#message';
import { type Finding, verify, type VerifyOptions } from '#verification';
import { Catalog } from '#catalog';
import { FRAME_MAGIC } from '../../../services/archive/adapters/filesystem/segment-format.ts';
import { examinedDraft, unsoundProbes } from '../../sample-ledger.ts';
import { alter, letter, openStores, STARTED_AT, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const letters = Array.from({ length: 30 }, (_, number) => letter(number));

/** An archive in which everything happened once: captures, sightings, a hold, a schedule, a disposal. */
async function eventful(root: string): Promise<void> {
  await using archive = await WholeArchive.open(root);
  await archive.capture(letters.slice(0, 20));
  await archive.capture(letters.slice(15, 22), 'ben');
  const matter = await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
  await archive.holds.place({ matter: matter.id, query: 'subject:"letter 7"', reason: 'claim' }, 'cli');
  await archive.disposition.dispose(archive.message(letter(3)), 'expired', 'cli');
  await archive.retention.setDefault('7y', 'cli');
  await archive.recorder.ledger.append([examinedDraft('unsound', unsoundProbes)]);
  archive.clock.advance(86_400_000);
  await archive.capture(letters.slice(22));
}

async function findings(root: string, options: Partial<VerifyOptions> = {}): Promise<Finding[]> {
  await using archive = await WholeArchive.open(root);
  return await findingsOf(archive, options);
}

async function findingsOf(archive: WholeArchive, options: Partial<VerifyOptions> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  const { ledgerStore, catalog, index, clock, rereading } = archive;
  const parts = { ledgerStore, archive: archive.archive, catalog, index, clock, messages: rereading };
  const verification = verify(parts, { full: true, ...options });
  for await (const finding of verification) found.push(finding);
  expect(verification.summary.findings).toBe(found.length);
  return found;
}

/** Without catalog and index, as for a backup: what is damaged cannot always be opened by the service. */
async function findingsInStores(root: string): Promise<Finding[]> {
  await using stores = await openStores(root);
  const { archive, ledgerStore } = stores;
  const found: Finding[] = [];
  for await (const finding of verify({ archive, ledgerStore, clock: { now: () => STARTED_AT } }, { full: true })) {
    found.push(finding);
  }
  return found;
}

function codes(found: readonly Finding[]): string[] {
  return [...new Set(found.map(({ code }) => code))].sort();
}

async function segments(root: string): Promise<string[]> {
  const folder = join(root, 'archive', 'segments');
  return (await readdir(folder))
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(folder, name));
}

async function batches(root: string): Promise<string[]> {
  const folder = join(root, 'ledger');
  return (await readdir(folder))
    .filter((name) => /^[0-9a-f]{16}$/u.test(name))
    .sort()
    .map((name) => join(folder, name));
}

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 0x04;
  await writeFile(file, bytes);
}

function last(files: readonly string[]): string {
  return files.at(-1) ?? '';
}

/** One archive for all tests of this file; each works on its own copy. */
const template = TemporaryFolder.make().then(async (folder) => {
  await eventful(join(folder.path, 'archive'));
  return folder;
});

async function copyOfTemplate(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.make();
  await cp(join((await template).path, 'archive'), folder.path, { recursive: true });
  return folder;
}

afterAll(async () => (await template)[Symbol.asyncDispose]());

describe('verify is silent', () => {
  test('on a sound archive, and says what it went over', async () => {
    await using folder = await copyOfTemplate();
    await using archive = await WholeArchive.open(folder.path);
    const { ledgerStore, catalog, index, clock, recorder } = archive;
    const verification = verify({ ledgerStore, archive: archive.archive, catalog, index, clock }, { full: true });
    for await (const finding of verification) expect(finding).toBeUndefined();
    const { size, root } = recorder.ledger.head;
    expect(verification.summary).toMatchObject({ entries: size, root, messages: 29, findings: 0 });
    expect(await findingsOf(archive, { full: false })).toEqual([]);
  });

  test('on tails that a crash left torn', async () => {
    await using folder = await copyOfTemplate();
    const tail = await readFile(last(await segments(folder.path)));
    const frame = tail.subarray(tail.lastIndexOf(FRAME_MAGIC));
    await appendFile(last(await segments(folder.path)), frame.subarray(0, FRAME_MAGIC.length + 3));
    await writeFile(join(folder.path, 'ledger', '.tmp-0123'), 'half a batch');
    expect(await findings(folder.path)).toEqual([]);
  });

  test('while mail comes in and is disposed of', async () => {
    await using folder = await copyOfTemplate();
    await using archive = await WholeArchive.open(folder.path);
    await archive.retention.setDefault('none', 'cli');
    const coming = (async () => {
      for (let number = 100; number < 140; number += 4) {
        await archive.capture([letter(number), letter(number + 1), letter(number + 2), letter(number + 3)]);
        await archive.disposition.dispose(archive.message(letter(number)), 'expired', 'cli');
      }
    })();
    expect(await findingsOf(archive)).toEqual([]);
    await coming;
    expect(await findingsOf(archive)).toEqual([]);
  });
});

describe('verify finds in the ledger (invariant 18)', () => {
  test('a flipped byte in a batch, and still compares what comes before', async () => {
    await using folder = await copyOfTemplate();
    const files = await batches(folder.path);
    await flip(files[4] ?? '', 200);
    expect(codes(await findingsInStores(folder.path))).toEqual(['ledger-damaged', 'not-compared']);
  });

  test('a flipped byte in a sidecar', async () => {
    await using folder = await copyOfTemplate();
    const names = await readdir(join(folder.path, 'ledger', 'sidecar'));
    await flip(join(folder.path, 'ledger', 'sidecar', names.sort()[1] ?? ''), 30);
    expect(codes(await findingsInStores(folder.path))).toContain('ledger-damaged');
  });

  test('a sidecar line that was put back after its disposal (invariant 17)', async () => {
    await using folder = await TemporaryFolder.make();
    const sidecars = join(folder.path, 'ledger', 'sidecar');
    {
      await using archive = await WholeArchive.open(folder.path);
      await archive.capture([letter(1), letter(2)]);
      await cp(sidecars, join(folder.path, 'kept'), { recursive: true });
      await archive.disposition.dispose(archive.message(letter(2)), 'expired', 'cli');
    }
    expect(await findings(folder.path)).toEqual([]);
    await cp(join(folder.path, 'kept'), sidecars, { recursive: true });
    expect(codes(await findings(folder.path))).toContain('line-not-erased');
  });

  test('a missing batch', async () => {
    await using folder = await copyOfTemplate();
    await rm((await batches(folder.path))[3] ?? '');
    expect(codes(await findingsInStores(folder.path))).toContain('ledger-damaged');
  });

  test('a truncated last batch: it is never taken for a torn tail', async () => {
    await using folder = await copyOfTemplate();
    const file = last(await batches(folder.path));
    await truncate(file, (await readFile(file)).length - 10);
    const found = await findingsInStores(folder.path);
    expect(codes(found)).toEqual(['ledger-damaged', 'not-compared']);
  });

  test('a last batch that is gone altogether, by an earlier checkpoint', async () => {
    await using folder = await copyOfTemplate();
    let head = { size: 0, root: '' };
    {
      await using archive = await WholeArchive.open(folder.path);
      head = archive.recorder.ledger.head;
    }
    await rm(last(await batches(folder.path)));
    await rm(join(folder.path, 'derived'), { recursive: true });
    expect(codes(await findings(folder.path, { trusted: [head] }))).toEqual(['ledger-damaged', 'orphan']);
  });
});

describe('verify finds in the archive (invariant 26)', () => {
  test.each([true, false])('a file that the archive did not write (every byte read: %s)', async (full) => {
    await using folder = await copyOfTemplate();
    await writeFile(join(folder.path, 'archive', 'segments', 'notes.txt'), 'x');
    expect(await findings(folder.path, { full })).toMatchObject([{ code: 'archive-damaged', place: 'notes.txt' }]);
  });

  test('a flipped byte in each segment, by the message or the frame it belongs to', async () => {
    await using folder = await copyOfTemplate();
    for (const segment of await segments(folder.path)) {
      await flip(segment, -60);
      const found = await findingsInStores(folder.path);
      expect(codes(found).length).toBeGreaterThan(0);
      expect(['archive-damaged', 'message-missing', 'lock-too-weak']).toEqual(expect.arrayContaining(codes(found)));
      await flip(segment, -60);
    }
    expect(await findingsInStores(folder.path)).toEqual([]);
  });

  test('a missing segment', async () => {
    await using folder = await copyOfTemplate();
    await rm((await segments(folder.path))[0] ?? '');
    expect(codes(await findingsInStores(folder.path))).toContain('message-missing');
  });

  test('a truncated last segment: it is never taken for a torn tail', async () => {
    await using folder = await copyOfTemplate();
    const file = last(await segments(folder.path));
    await truncate(file, 300);
    const found = await findingsInStores(folder.path);
    expect(codes(found)).toContain('message-missing');
  });

  test('an orphan', async () => {
    await using folder = await copyOfTemplate();
    await using archive = await WholeArchive.open(folder.path);
    await archive.archive.putAll([orphan(letter(77))]);
    const found = await findingsOf(archive);
    expect(codes(found)).toEqual(['orphan']);
    expect(found[0]?.place).toContain(digestOf(letter(77)));
  });

  test('a hold and a retention that storage does not enforce', async () => {
    await using folder = await copyOfTemplate();
    await using archive = await WholeArchive.open(folder.path);
    await archive.archive.setLegalHolds([archive.message(letter(7))], false);
    const found = await findingsOf(archive, { full: false });
    expect(found.map(({ code, place }) => [code, place])).toEqual([
      ['lock-too-weak', `message ${digestOf(letter(7))}`],
    ]);
  });

  test('a message that should be gone', async () => {
    await using folder = await copyOfTemplate();
    await using archive = await WholeArchive.open(folder.path);
    await archive.retention.setDefault('none', 'cli');
    await archive.capture([letter(200)]);
    const message = archive.message(letter(200));
    const { digest, generation, sequence: capture } = message;
    const order = 'disposal-0123456789';
    const disposing = { digest, generation, capture, order, actor: 'cli', judgedThrough: 0, aside: { reason: 'r' } };
    const { size } = message;
    await archive.recorder.ledger.append([
      { kind: 'disposing', ...disposing },
      {
        kind: 'disposed',
        order,
        digest,
        generation,
        capture,
        size,
        versions: 1,
        destruction: 'overwritten',
        erased: [],
        aside: {},
      },
    ]);
    await archive.recorder.catchUp();
    expect(codes(await findingsOf(archive))).toEqual(['message-not-destroyed']);
  });
});

describe('verify finds in what is derived', () => {
  test('a message that the index lacks', async () => {
    await using folder = await copyOfTemplate();
    const gone = await firstIndexed(folder.path);
    {
      await using archive = await WholeArchive.open(folder.path);
      await archive.index.apply({ documents: [], removed: [asSequence(gone)], through: archive.catalog.position() });
      const found = await findingsOf(archive, { full: false });
      expect(found.map(({ code, place }) => [code, place])).toEqual([
        ['index-lacks', `entry ${gone}`],
        ['index-removed', `entry ${gone}`],
      ]);
    }
  });

  test('a message that the index should not have', async () => {
    await using folder = await copyOfTemplate();
    await using archive = await WholeArchive.open(folder.path);
    const document = searchDocument(parseMessage(letter(500)), letter(500).length);
    const stray = {
      sequence: asSequence(0),
      digest: digestOf(letter(500)),
      encoded: encodeDocument(document),
    };
    await archive.index.apply({ documents: [stray], removed: [], through: archive.catalog.position() });
    expect(codes(await findingsOf(archive, { full: false }))).toEqual(['index-extra']);
  });

  test('an index that lags', async () => {
    await using folder = await copyOfTemplate();
    const file = join(folder.path, 'derived', 'index.sqlite');
    await using archive = await WholeArchive.open(folder.path);
    alter(file, `update state set value = 5 where key = 'position'`);
    expect(codes(await findingsOf(archive, { full: false }))).toContain('index-behind');
  });

  test.each([
    [
      'another word in a document',
      `update message set encoded = replace(encoded, 'harbour', 'meadows') where sequence = $at`,
    ],
    ['another date', 'update message set date = date + 1 where sequence = $at'],
    ['another size', 'update message set size = size + 1 where sequence = $at'],
    ['another digest', 'update message set digest = zeroblob(32) where sequence = $at'],
    ['a document that cannot be read', `update message set encoded = 'x' where sequence = $at`],
    [
      'postings that lack a word',
      `$delete; $insert`.replace('$insert', `insert into words (rowid, c_subject) values ($at, 'letter')`),
    ],
    ['postings that have a word more', `insert into words (rowid, c_body) values ($at, 'planted')`],
    ['no postings', '$delete'],
  ])('%s in the index, by its message', async (_what, change) => {
    await using folder = await copyOfTemplate();
    const at = await firstIndexed(folder.path);
    const file = join(folder.path, 'derived', 'index.sqlite');
    alter(file, change.replaceAll('$delete', await unindexing(folder.path, at)).replaceAll('$at', String(at)));
    const found = (await findings(folder.path)).filter(({ place }) => place === `entry ${at}`);
    expect(found.map(({ code }) => code)).toEqual(['index-differs']);
  });

  test('a message that the index says was removed', async () => {
    await using folder = await copyOfTemplate();
    const at = await firstIndexed(folder.path);
    const gone = `delete from message where sequence = ${at}; insert into removed values (${at})`;
    const file = join(folder.path, 'derived', 'index.sqlite');
    alter(file, `${await unindexing(folder.path, at)}; ${gone}`);
    expect((await findings(folder.path)).map(({ code, place }) => [code, place])).toEqual([
      ['index-lacks', `entry ${at}`],
      ['index-removed', `entry ${at}`],
    ]);
  });

  test('captures to come that the index would never take in', async () => {
    await using folder = await copyOfTemplate();
    const file = join(folder.path, 'derived', 'index.sqlite');
    alter(file, 'insert into removed values (1000), (-1), (9223372036854775807)');
    const found = await findings(folder.path, { full: false });
    expect(found.map(({ code, place }) => [code, place])).toEqual([
      ['index-removed', 'entry -1'],
      ['index-removed', 'entry 1000'],
      ['index-removed', 'entry 9223372036854776000'],
    ]);
  });

  test('a catalog that lags', async () => {
    await using folder = await copyOfTemplate();
    await using archive = await WholeArchive.open(folder.path);
    using behind = Catalog.open(':memory:');
    const { ledgerStore, clock } = archive;
    const found: Finding[] = [];
    const parts = { ledgerStore, archive: archive.archive, clock, catalog: behind };
    for await (const finding of verify(parts, { full: false })) found.push(finding);
    expect(codes(found)).toEqual(['catalog-behind']);
  });
});

/** What takes the words of a message from the index, and leaves its document. */
async function unindexing(root: string, at: number): Promise<string> {
  await using archive = await WholeArchive.open(root);
  const { columns } = (await archive.index.document(asSequence(at)))?.document ?? {};
  const names = Object.keys(columns ?? {}).map((name) => `c_${name}`);
  const texts = Object.values(columns ?? {}).map((text) => `'${text}'`);
  return `insert into words (words, rowid, ${names.join(', ')}) values ('delete', ${at}, ${texts.join(', ')})`;
}

async function firstIndexed(root: string): Promise<number> {
  await using archive = await WholeArchive.open(root);
  for (const sequence of await archive.index.sequences()) return sequence;
  throw new Error('the index is empty');
}

function orphan(bytes: Buffer): BlobPut {
  const lock = { legalHold: false, retainUntil: null };
  const content = { bytes };
  return {
    digest: digestOf(bytes),
    generation: 1,
    size: bytes.length,
    content,
    lock,
    sighting: '0'.repeat(32),
    storedAt: 0,
  };
}
