import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FoundPage, Searching, type SearchOrder } from '#reading';
import { TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

/** @param copy letters with another one differ only in how they came */
function mail(subject: string, day: number, copy: string): Buffer {
  const date = `${day} May 2001 12:00:00 +0000`;
  return Buffer.from(
    `Received: ${copy}\r\nFrom: a@t.example\r\nTo: b@t.example\r\nSubject: ${subject}\r\nDate: ${date}\r\n\r\nheron\r\n`,
  );
}

/** Of "one" there are three, of "two" two. */
const letters = [
  mail('one', 14, 'a'),
  mail('two', 15, 'a'),
  mail('one', 14, 'b'),
  mail('three', 16, 'a'),
  mail('one', 14, 'c'),
  mail('two', 15, 'b'),
];

let folder: TemporaryFolder;
let archive: WholeArchive;
let searching: Searching;

beforeEach(async () => {
  folder = await TemporaryFolder.make();
  archive = await WholeArchive.open(folder.path);
  await archive.capture(letters.slice(0, 3), 'ada');
  await archive.capture(letters.slice(3), 'bo');
  searching = new Searching(archive.recorder, archive.reader, archive.index);
});
afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const placeOf = (digest: string) => letters.findIndex((letter) => archive.message(letter).digest === digest);

async function shown(order: Partial<SearchOrder> = {}): Promise<[page: FoundPage, hits: number[][]]> {
  const page = await searching.search({ query: 'heron', sort: 'date', limit: 10, fold: true, ...order }, 'eve');
  return [page, page.hits.map(({ digest, copies }) => [digest, ...(copies?.digests ?? [])].map(placeOf))];
}

describe('folded', () => {
  test('copies are one hit, the first of those found, with the others; the total is that of all messages', async () => {
    const [page, hits] = await shown();
    expect(hits).toEqual([[3], [1, 5], [0, 2, 4]]);
    expect(page).toMatchObject({ total: 6, distinct: 3, complete: true });
    expect(page.hits.map(({ copies }) => copies?.messages)).toEqual([0, 1, 2]);
    expect(page.set).toBe((await searching.count('heron', undefined, 'eve')).set);
  });

  test('only what was found is folded', async () => {
    const [page, hits] = await shown({ query: 'heron custodian:bo' });
    expect(hits).toEqual([[3], [5], [4]]);
    expect(page).toMatchObject({ total: 3, distinct: 3 });
  });

  test.each(['date', 'relevance'] as const)(
    'pages by %s reach each hit once, by date whatever arrives meanwhile',
    async (sort) => {
      const [, whole] = await shown({ sort });
      const pages: number[][] = [];
      let after: string | undefined;
      do {
        const [page, hits] = await shown({ sort, limit: 1, after });
        expect(page).toMatchObject({ total: 6, distinct: 3 });
        pages.push(...hits);
        after = page.next;
        // What arrives changes how rare a word is, and may move a hit by relevance.
        if (sort === 'date') await archive.capture([mail('one', 14, `later ${pages.length}`)], 'ada');
      } while (after !== undefined);
      expect(pages).toEqual(whole);
    },
  );

  test('the ledger has all messages that were found, and how many hits were shown', async () => {
    const [{ search, next }] = await shown({ limit: 2 });
    expect(await archive.recorder.ledger.entry(search)).toMatchObject({
      total: 6,
      shown: 2,
      aside: { hits: expect.any(Array) },
    });
    const [{ search: further, set }] = await shown({ limit: 2, after: next });
    expect(set).toBeUndefined();
    expect(await archive.recorder.ledger.entry(further)).toMatchObject({ total: 6, shown: 1 });
    expect(await searching.repeat(search, 'eve')).toMatchObject({ result: 'same', total: 6 });
  });

  test('a cursor of an unfolded list is refused', async () => {
    const [{ next }] = await shown({ limit: 1 });
    await expect(shown({ fold: false, after: next })).rejects.toMatchObject({ code: 'cursor-invalid' });
  });
});

test('threads and copies are counted, the largest first, by what asks for each', async () => {
  const answer = Buffer.from(
    'Subject: Re: three\r\nFrom: b@t.example\r\nDate: 20 May 2001 12:00:00 +0000\r\n\r\nbridge\r\n',
  );
  await archive.capture([answer], 'bo');
  const first = (place: number) => archive.message(letters[place] ?? answer).digest;
  const { facets, total } = await searching.facets('heron', ['thread', 'fingerprint'], undefined, 'eve');
  const [threads, prints] = facets.map(({ buckets }) => buckets);
  expect(threads).toEqual([
    { value: first(0), messages: 3 },
    { value: first(1), messages: 2 },
    { value: first(3), messages: 1 },
  ]);
  expect(total).toBe(6);
  const counted = async (query: string) => (await searching.count(query, undefined, 'eve')).total;
  expect(await counted(`thread:${first(3)}`)).toBe(2);
  expect(prints?.map(({ messages }) => messages)).toEqual([3, 2, 1]);
  for (const { value, messages } of prints ?? []) expect(await counted(`fingerprint:${value}`)).toBe(messages);
  const hasty = new Searching(archive.recorder, archive.reader, archive.index, { querySeconds: 0 });
  await expect(hasty.facets('heron', ['thread'], undefined, 'eve')).rejects.toMatchObject({ code: 'query-too-costly' });
});

test('duplicates, and threads, are those of the moment that is asked for', async () => {
  const count = async (query: string, asOf?: number) => (await searching.count(query, asOf, 'eve')).total;
  const { sequence, digest } = archive.message(letters[2] ?? Buffer.alloc(0));
  expect([await count('is:duplicate'), await count('is:duplicate', sequence)]).toEqual([5, 2]);
  expect([await count(`thread:${digest}`), await count(`thread:${digest}`, sequence)]).toEqual([3, 2]);
  const report = await searching.terms(['is:duplicate', `thread:${digest}`, 'heron NOT is:duplicate'], sequence, 'eve');
  expect(report.terms.map(({ messages }) => messages)).toEqual([2, 2, 1]);
});
