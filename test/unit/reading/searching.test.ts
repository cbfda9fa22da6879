import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ArchiveFault } from '#archive';
import type { Entry, EntryOf } from '#ledger';
import { MessageReader, Searching } from '#reading';
import { analyzerVersion, SequenceSet } from '#search';
import { noFacts } from '../../contract/search-document.ts';
import { STARTED_AT, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

function mail(subject: string, date: string, body: string): Buffer {
  return Buffer.from(`Subject: ${subject}\r\nDate: ${date}\r\n\r\n${body}\r\n`);
}

const letters = [
  mail('one', 'Mon, 14 May 2001 12:00:00 +0000', 'heron and bridge'),
  mail('two', 'Tue, 15 May 2001 12:00:00 +0000', 'heron'),
  mail('three', 'Fri, 1 Jun 2001 12:00:00 +0000', 'the bridge is closed'),
  mail('four', 'Thu, 1 Jan 70000 12:00:00 +0000', 'heron of the year 70000'),
  Buffer.from('Subject: five\r\n\r\nheron, undated\r\n'),
];

let folder: TemporaryFolder;
let archive: WholeArchive;
let searching: Searching;

beforeEach(async () => {
  folder = await TemporaryFolder.make();
  archive = await WholeArchive.open(folder.path);
  await archive.capture(letters.slice(0, 2), 'ada');
  await archive.capture(letters.slice(1), 'bo');
  searching = new Searching(archive.recorder, archive.reader, archive.index);
});
afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function sequenceOf(place: number): number {
  return archive.message(letters[place] ?? Buffer.alloc(0)).sequence;
}

async function dispose(...places: readonly number[]): Promise<void> {
  for (const place of places) {
    await archive.disposition.dispose(archive.message(letters[place] ?? Buffer.alloc(0)), 'expired', 'cli');
  }
}

async function entryOf(search: number): Promise<EntryOf<'search'>> {
  const entry: Entry = await archive.recorder.ledger.entry(search);
  if (entry.kind !== 'search') throw new Error(`entry ${search} is a ${entry.kind}`);
  return entry;
}

/** As anybody computes it who has the list. */
function summed(places: readonly number[]): string {
  const lines = places.map((place) => `${sequenceOf(place)}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

describe('a search', () => {
  test('is in the ledger with all that repeating it needs (invariant 30)', async () => {
    const { search, set, total } = await searching.count('heron', undefined, 'eve');
    expect(total).toBe(4);
    expect(set).toBe(summed([0, 1, 3, 4]));
    expect(await entryOf(search)).toMatchObject({
      actor: 'eve',
      total: 4,
      shown: 0,
      set,
      analyzer: analyzerVersion,
      aside: { query: 'heron', hits: [0, 1, 3, 4].map(sequenceOf), ast: expect.stringMatching(/^[0-9a-f]{64}$/u) },
    });
  });

  test('that takes too much has no answer, and is in no ledger (invariants 28, 33)', async () => {
    const { size } = archive.recorder.ledger.head;
    const costly = expect.objectContaining({ code: 'query-too-costly' });
    const hasty = new Searching(archive.recorder, archive.reader, archive.index, { querySeconds: 0 });
    const order = { query: 'heron', sort: 'date', limit: 1 } as const;
    await expect(hasty.search(order, 'eve')).rejects.toEqual(costly);
    await expect(hasty.count('heron', undefined, 'eve')).rejects.toEqual(costly);
    await expect(hasty.facets('heron', ['custodian'], undefined, 'eve')).rejects.toEqual(costly);
    const precision = { confidence: 0.95, margin: 0.05 };
    await expect(hasty.sample({ query: 'heron', ...precision }, 'eve')).rejects.toEqual(costly);
    expect(archive.recorder.ledger.head.size).toBe(size);
    const { search } = await searching.count('heron', undefined, 'eve');
    await expect(hasty.repeat(search, 'eve')).rejects.toEqual(costly);
    expect(archive.recorder.ledger.head.size).toBe(size + 1);
  });

  test('is named by what it finds and means, not by how it is written', async () => {
    const page = await searching.search({ query: 'HERON', sort: 'date', limit: 1 }, 'eve');
    const count = await searching.count('(heron)', undefined, 'eve');
    expect(page.set).toBe(count.set);
    const [first, second] = [await entryOf(page.search), await entryOf(count.search)];
    expect([first.aside, second.aside]).toMatchObject([{ query: 'HERON' }, { query: '(heron)' }]);
    expect(first.aside).toMatchObject({ ast: (second.aside as { ast: string }).ast });
  });

  test('as of a sequence says how many messages of then were destroyed since', async () => {
    const asOf = archive.recorder.ledger.head.size - 1;
    expect(await searching.count('heron', undefined, 'eve')).toMatchObject({ total: 4, destroyedSince: 0 });
    await dispose(0, 2);
    expect(await searching.count('heron', asOf, 'eve')).toMatchObject({ total: 3, destroyedSince: 2, complete: true });
    expect(await searching.count('heron', sequenceOf(1), 'eve')).toMatchObject({ total: 1, destroyedSince: 1 });
    expect(await searching.count('heron', undefined, 'eve')).toMatchObject({ total: 3, destroyedSince: 0 });
  });

  test('has no set on further pages, and none where the index lags', async () => {
    const order = { query: 'heron', sort: 'date' as const, limit: 3 };
    const first = await searching.search(order, 'eve');
    const second = await searching.search({ ...order, after: first.next }, 'eve');
    expect([first.set === undefined, second.set]).toEqual([false, undefined]);
    expect(await entryOf(second.search)).not.toHaveProperty('set');
    const lagging = new Searching(archive.recorder, archive.reader, await lagged());
    const { search, complete } = await lagging.count('heron', undefined, 'eve');
    expect([complete, (await entryOf(search)).set]).toEqual([false, undefined]);
  });
});

/** An index that has not reached what is asked for. */
async function lagged(): Promise<WholeArchive['index']> {
  const asOf = archive.recorder.ledger.head.size + 10;
  return Object.assign(Object.create(archive.index) as WholeArchive['index'], {
    count: () => archive.index.count({ query: { kind: 'all' }, facts: noFacts, asOf }),
  });
}

describe('excerpts', () => {
  const order = { query: 'heron bridge', sort: 'date' as const, limit: 9, excerpts: true };

  test('show why a message was found, and the ledger has that they were shown', async () => {
    const { hits, search } = await searching.search(order, 'eve');
    expect(hits.map(({ excerpts }) => excerpts)).toEqual([
      [
        {
          column: 'body',
          text: 'heron and bridge',
          highlights: [
            [0, 5],
            [10, 16],
          ],
        },
      ],
    ]);
    expect(await entryOf(search)).toMatchObject({ shown: 1, excerpts: true });
    const { search: bare } = await searching.search({ ...order, excerpts: false }, 'eve');
    expect(await entryOf(bare)).not.toHaveProperty('excerpts');
  });

  test('are absent of a message that is damaged, which is found all the same', async () => {
    const damaged = Object.assign(Object.create(archive.archive) as WholeArchive['archive'], {
      async *stream(): AsyncGenerator<Buffer> {
        yield Buffer.from('Subject: heron');
        throw new ArchiveFault('damaged', 'rotten', { remedy: '' });
      },
    });
    await using reader = new MessageReader(damaged);
    const { hits } = await new Searching(archive.recorder, reader, archive.index).search(order, 'eve');
    expect(hits.map(({ excerpts }) => excerpts)).toEqual([undefined]);
  });
});

describe('a repeated search', () => {
  test('is the same while nothing is destroyed, whatever is captured later', async () => {
    const { search } = await searching.count('heron', undefined, 'eve');
    await archive.capture([mail('six', 'Mon, 14 May 2001 12:00:00 +0000', 'another heron')], 'ada');
    const repetition = await searching.repeat(search, 'eve');
    expect(repetition).toMatchObject({
      result: 'same',
      recorded: 4,
      total: 4,
      reasons: [],
      missing: [],
      additional: [],
    });
    expect((await searching.count('heron', undefined, 'eve')).total).toBe(5);
  });

  test('names what was destroyed since, by which order, and says how many others were', async () => {
    const { search } = await searching.count('heron', undefined, 'eve');
    await dispose(1, 2);
    const repetition = await searching.repeat(search, 'eve');
    expect(repetition).toMatchObject({
      result: 'different',
      recorded: 4,
      total: 3,
      destroyedSince: 2,
      reasons: ['destroyed-since'],
      missing: [{ sequence: sequenceOf(1), certificate: { reason: 'expired', disposed: expect.any(Number) } }],
      additional: [],
      named: true,
    });
  });

  test('is not called different for what was destroyed before it', async () => {
    await dispose(1);
    const { search } = await searching.count('heron', undefined, 'eve');
    expect(await searching.repeat(search, 'eve')).toMatchObject({ result: 'same', destroyedSince: 0, reasons: [] });
  });

  test('names what is found no more though it is archived, and what is found that was not', async () => {
    const { search } = await searching.count('heron', undefined, 'eve');
    // As another version of the parser might: one says heron no longer, another says it now.
    const [lost, gained] = [sequenceOf(0), sequenceOf(2)];
    const now = Object.assign(Object.create(archive.index) as WholeArchive['index'], {
      select: async (request: Parameters<WholeArchive['index']['select']>[0]) => {
        const selection = await archive.index.select(request);
        const sequences = selection.sequences.minus(SequenceSet.of([lost])).or(SequenceSet.of([gained]));
        return { ...selection, sequences };
      },
    });
    const repetition = await new Searching(archive.recorder, archive.reader, now).repeat(search, 'eve');
    expect(repetition).toMatchObject({
      result: 'different',
      recorded: 4,
      total: 4,
      missing: [{ sequence: lost, certificate: null }],
      additional: [{ sequence: gained, certificate: null }],
    });
  });

  test('is recorded as a search itself', async () => {
    const { search } = await searching.count('heron', undefined, 'eve');
    const before = archive.recorder.ledger.head.size;
    await searching.repeat(search, 'mallory');
    expect(await entryOf(before)).toMatchObject({ actor: 'mallory', total: 4, aside: { query: 'heron' } });
  });

  test('of which no set was recorded is compared by its number alone', async () => {
    const draft = { kind: 'search', actor: 'eve', asOf: 9, total: 4, shown: 0, aside: { query: 'heron' } };
    const outcome = await archive.recorder.ledger.append([draft as never]);
    const [search = -1] = outcome.outcome === 'appended' ? outcome.sequences : [];
    expect(await searching.repeat(search, 'eve')).toMatchObject({ result: 'same-number', named: false });
    await dispose(0);
    expect(await searching.repeat(search, 'eve')).toMatchObject({
      result: 'different',
      named: false,
      destroyedSince: 1,
    });
  });

  test('of which only the set was recorded still names what was destroyed, where that is all', async () => {
    const all = await searching.count('heron', undefined, 'eve');
    const { set, asOf } = all;
    const draft = { kind: 'search', actor: 'eve', asOf, total: 4, shown: 0, set, aside: { query: 'heron' } };
    const outcome = await archive.recorder.ledger.append([draft as never]);
    const [search = -1] = outcome.outcome === 'appended' ? outcome.sequences : [];
    expect(await searching.repeat(search, 'eve')).toMatchObject({ result: 'same', named: true });
    await dispose(1);
    const repetition = await searching.repeat(search, 'eve');
    expect(repetition).toMatchObject({ result: 'different', named: true, missing: [{ sequence: sequenceOf(1) }] });
    await dispose(2);
    expect(await searching.repeat(search, 'eve')).toMatchObject({ result: 'different', named: false, missing: [] });
  });

  test('is found in the list of searches, newest first, page after page', async () => {
    const asked: number[] = [];
    for (const query of ['heron', 'bridge', 'heron OR bridge']) {
      asked.unshift((await searching.count(query, undefined, 'eve')).search);
      await archive.capture([mail(query, 'Mon, 14 May 2001 12:00:00 +0000', 'another')], 'ada');
    }
    const list = await searching.recorded({ limit: 2 });
    expect(list).toMatchObject([
      { search: asked[0], actor: 'eve', query: 'heron OR bridge', total: 7, at: STARTED_AT },
      { search: asked[1], query: 'bridge', total: 2 },
    ]);
    expect(await searching.recorded({ limit: 2, before: list[1]?.search })).toMatchObject([{ search: asked[2] }]);
    expect(await searching.recorded({ limit: 9 })).toHaveLength(3);
  });

  test.each([0, 999_999])('entry %d is none', async (search) => {
    await expect(searching.repeat(search, 'eve')).rejects.toMatchObject({ code: 'no-such-search' });
  });
});

describe('facets', () => {
  test('count each message once for each custodian, mailbox and span of time that has it', async () => {
    const names = ['custodian', 'mailbox', 'year', 'month', 'day'] as const;
    const { facets, total } = await searching.facets('heron', names, undefined, 'eve');
    expect(total).toBe(4);
    expect(
      facets.map(({ name, buckets }) => [name, ...buckets.map(({ value, messages }) => [value, messages])]),
    ).toEqual([
      ['custodian', ['bo', 3], ['ada', 2]],
      ['mailbox', ['inbox', 4]],
      ['year', ['2001', 2], ['+070000', 1], [null, 1]],
      ['month', ['2001-05', 2], ['+070000-01', 1], [null, 1]],
      ['day', ['2001-05-14', 1], ['2001-05-15', 1], ['+070000-01-01', 1], [null, 1]],
    ]);
  });

  test('count domains, file types, and what could not be read', async () => {
    const attached = [
      'From: a@mail.north.example\r\nTo: b@south.example\r\nMIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\npelican\r\n--b',
      'Content-Type: application/pdf; name=plan.pdf\r\n\r\n%PDF\r\n--b--\r\n',
    ];
    await archive.capture([Buffer.from(attached.join('\r\n'))], 'ada');
    const names = ['domain', 'filetype', 'unsearchable'] as const;
    const { facets } = await searching.facets('pelican OR heron', names, undefined, 'eve');
    expect(
      facets.map(({ name, buckets }) => [name, ...buckets.map(({ value, messages }) => [value, messages])]),
    ).toEqual([
      ['domain', ['mail.north.example', 1], ['north.example', 1], ['south.example', 1]],
      ['filetype', ['application/pdf', 1], ['pdf', 1]],
      ['unsearchable', ['attachment', 1]],
    ]);
  });

  test('are as of a sequence', async () => {
    const asOf = sequenceOf(1);
    const { facets, total } = await searching.facets('heron', ['custodian'], asOf, 'eve');
    expect([total, facets[0]?.buckets]).toEqual([2, [{ value: 'ada', messages: 2 }]]);
  });
});

describe('a random sample', () => {
  test('is repeatable, recorded with what it shows, and of what is found alone', async () => {
    const order = { query: 'heron', confidence: 0.5, margin: 0.5 };
    const sample = await searching.sample(order, 'eve');
    expect(sample).toMatchObject({
      total: 4,
      complete: true,
      seed: summed([0, 1, 3, 4]),
      hits: [{ custodians: expect.any(Array) }],
    });
    expect((await searching.sample(order, 'eve')).hits).toEqual(sample.hits);
    expect((await entryOf(sample.search)).shown).toBe(sample.hits.length);
    const whole = await searching.sample({ ...order, confidence: 0.999, margin: 0.001, seed: 'x' }, 'eve');
    expect(new Set(whole.hits.map(({ sequence }) => sequence))).toEqual(new Set([0, 1, 3, 4].map(sequenceOf)));
  });

  test('that is no sample is not searched for', async () => {
    const size = archive.recorder.ledger.head.size;
    const asked = searching.sample({ query: 'heron', confidence: 2, margin: 0.5 }, 'eve');
    await expect(asked).rejects.toMatchObject({ code: 'precision-invalid' });
    expect(archive.recorder.ledger.head.size).toBe(size);
  });
});
