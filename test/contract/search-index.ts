import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { asSequence } from '#kernel';
import { parseQuery, SequenceSet } from '#search';
import type { FactResolver, MarkField, SearchIndex, SearchRequest } from '#search';
import { captured, documentOf, noFacts } from './search-document.ts';
import { testMarks } from './marks.ts';
import { testQueryLimits } from './query-limits.ts';
import { day, story } from './story.ts';
import { storyQueries } from './story-queries.ts';

const facts: FactResolver = {
  ...noFacts,
  custodian: (value) => SequenceSet.of(value === 'ada' ? [10, 12, 999] : []),
  mailbox: (value) => SequenceSet.of(value === 'inbox' ? [11, 12] : []),
};

/** The story at the sequences 10, 11, …; the ledger is 20 entries long. */
async function fill(index: SearchIndex): Promise<void> {
  const documents = story.map((document, place) => captured(10 + place, document));
  await index.apply({ documents, removed: [], through: 20 });
}

/** What each query is true of; nothing is changed, so that one index serves all of them. */
function describeQueries(name: string, open: () => Promise<SearchIndex>): void {
  describe(`${name}, asked`, () => {
    let index: SearchIndex;

    beforeAll(async () => {
      index = await open();
      await fill(index);
    });

    afterAll(async () => {
      await index[Symbol.asyncDispose]();
    });

    test.each(storyQueries)('%s is true of exactly those messages', async (query, expected) => {
      expect([...(await index.select({ query: parseQuery(query), facts })).sequences]).toEqual(expected);
      const { sequences, ...answer } = await index.count({ query: parseQuery(query), facts });
      expect(answer).toEqual({ total: expected.length, asOf: 19, complete: true });
      expect([...(sequences ?? [])]).toEqual(expected);
    });
  });
}

/** The duties of every SearchIndex. `open` gives an empty one. */
export function describeSearchIndex(name: string, open: () => Promise<SearchIndex>): void {
  describeQueries(name, open);
  testQueryLimits(name, open);
  testMarks(name, open);

  describe(`${name} as a search index`, () => {
    let index: SearchIndex;

    beforeEach(async () => {
      index = await open();
    });

    afterEach(async () => {
      await index[Symbol.asyncDispose]();
    });

    const select = async (query: string, asOf?: number): Promise<number[]> => {
      const { sequences } = await index.select({ query: parseQuery(query), facts, asOf });
      return [...sequences];
    };

    const pages = async (request: Omit<SearchRequest, 'after'>): Promise<number[][]> => {
      const all: number[][] = [];
      let after: string | undefined;
      do {
        const answer = await index.search({ ...request, after });
        all.push(answer.hits.map((hit) => hit.sequence));
        after = answer.next;
      } while (after !== undefined);
      return all;
    };

    test('an empty index answers nothing, as of nothing', async () => {
      expect(await index.position()).toBe(0);
      const answer = await index.search({ query: parseQuery('*'), facts, sort: 'date', limit: 10 });
      expect(answer).toMatchObject({ total: 0, hits: [], asOf: -1, complete: true });
      expect([...(answer.sequences ?? [-1])]).toEqual([]);
    });

    test('date order is newest first; unbelievable dates and none come last, and are counted', async () => {
      await fill(index);
      const query = parseQuery('*');
      const answer = await index.search({ query, facts, sort: 'date', limit: 10 });
      expect(answer.total).toBe(6);
      expect([...(answer.sequences ?? [])]).toEqual([10, 11, 12, 13, 14, 15]);
      expect(answer.hits.map((hit) => hit.sequence)).toEqual([12, 11, 10, 14, 15, 13]);
      expect(answer.next).toBeUndefined();
    });

    test.each(['date', 'relevance'] as const)(
      'pages by %s follow each other without gap or repetition',
      async (sort) => {
        await fill(index);
        const request = { query: parseQuery('please OR nothing OR koln'), facts, sort };
        const whole = (await pages({ ...request, limit: 100 })).flat();
        expect([...whole].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15]);
        for (const limit of [1, 2, 3, 6]) {
          const some = await pages({ ...request, limit });
          expect(some.flat()).toEqual(whole);
          expect(some).toHaveLength(Math.ceil(6 / limit));
        }
      },
    );

    test('a first page and a count list all that match, further pages do not', async () => {
      await fill(index);
      const request = { query: parseQuery('please'), facts, sort: 'date' as const, limit: 2, asOf: 14 };
      const first = await index.search(request);
      expect([...(first.sequences ?? [])]).toEqual([10, 13, 14]);
      expect([...((await index.count(request)).sequences ?? [])]).toEqual([10, 13, 14]);
      expect((await index.search({ ...request, after: first.next })).sequences).toBeUndefined();
      expect(index.capabilities.listedMax).toBeGreaterThanOrEqual(10_000);
    });

    test('values of marks are counted among some messages, and found by the query that asks for each', async () => {
      await fill(index);
      const every = SequenceSet.of([10, 11, 12, 13]);
      const counts = async (field: MarkField, within = every) => [...(await index.markCounts(field, within)).counts];
      expect(await counts('has')).toEqual([
        ['attachment', 1],
        ['html', 1],
        ['no-message-id', 1],
      ]);
      expect(await counts('domain')).toEqual([
        ['north.example', 2],
        ['south.example', 2],
        ['west.example', 1],
      ]);
      expect(await counts('domain', SequenceSet.of([10, 12, 999]))).toEqual([
        ['north.example', 1],
        ['south.example', 1],
      ]);
      expect(await counts('unsearchable')).toEqual([['text-truncated', 1]]);
      expect(await counts('message-id')).toEqual([['q1@north.example', 1]]);
      expect(await counts('filetype', SequenceSet.of())).toEqual([]);
      for (const [value, total] of await counts('filetype')) {
        expect((await index.count({ query: parseQuery(`filetype:"${value}"`), facts })).total).toBe(total);
      }
    });

    test('messages of one moment are all paged through', async () => {
      const documents = Array.from({ length: 25 }, (_, place) =>
        captured(place * 3, documentOf({ body: 'same', date: day('2001-01-01') })),
      );
      await index.apply({ documents, removed: [], through: 100 });
      const some = await pages({ query: parseQuery('same'), facts, sort: 'date', limit: 4 });
      expect(some.flat()).toEqual(documents.map(({ sequence }) => sequence).toReversed());
    });

    test('by relevance, what has the words most is first', async () => {
      const bodies = ['gas and much else about other things', 'gas gas gas', 'power', 'power gas gas price of gas'];
      const documents = bodies.map((body, place) => captured(place, documentOf({ body })));
      await index.apply({ documents, removed: [], through: 4 });
      const { hits } = await index.search({ query: parseQuery('gas'), facts, sort: 'relevance', limit: 2 });
      expect(hits[0]?.sequence).toBe(1);
    });

    test('a page does not change by what arrives while somebody reads', async () => {
      await fill(index);
      const request = { query: parseQuery('please'), facts, sort: 'date' as const, limit: 2 };
      const first = await index.search(request);
      const late = documentOf({ body: 'please', date: day('2001-10-01') });
      await index.apply({ documents: [captured(20, late)], removed: [], through: 21 });
      const second = await index.search({ ...request, after: first.next });
      expect(second.total).toBe(first.total);
      expect(second.asOf).toBe(first.asOf);
      expect(second.hits.map((hit) => hit.sequence)).toEqual([15, 13]);
    });

    test('a cursor of another query, order or moment is refused, and so is no cursor at all', async () => {
      await fill(index);
      const request = { query: parseQuery('please'), facts, sort: 'date' as const, limit: 1 };
      const after = (await index.search(request)).next;
      const refused = expect.objectContaining({ code: 'cursor-invalid' });
      await expect(index.search({ ...request, after, query: parseQuery('audit') })).rejects.toEqual(refused);
      await expect(index.search({ ...request, after, sort: 'relevance' })).rejects.toEqual(refused);
      await expect(index.search({ ...request, after, asOf: 12 })).rejects.toEqual(refused);
      for (const nonsense of ['', 'x', 'bnVsbA', 'W10', '%%%']) {
        await expect(index.search({ ...request, after: nonsense })).rejects.toEqual(refused);
      }
    });

    test('as of a sequence, the answer is the one of then (invariant 22)', async () => {
      await fill(index);
      expect(await select('please', 13)).toEqual([10, 13]);
      const answer = await index.search({ query: parseQuery('please'), facts, asOf: 13, sort: 'date', limit: 9 });
      expect(answer).toMatchObject({ total: 2, asOf: 13, complete: true });
    });

    test('an answer beyond what the index has read says that it is incomplete (invariant 28)', async () => {
      await fill(index);
      expect(await index.count({ query: parseQuery('*'), facts, asOf: 20 })).toMatchObject({
        total: 6,
        asOf: 20,
        complete: false,
      });
    });

    test('what was applied early is found once the position has passed it', async () => {
      await index.apply({ documents: [captured(7, documentOf({ body: 'early' }))], removed: [], through: 5 });
      expect(await select('early')).toEqual([]);
      await index.apply({ documents: [captured(6, documentOf({ body: 'early' }))], removed: [], through: 8 });
      expect(await select('early')).toEqual([6, 7]);
      expect(await index.position()).toBe(8);
    });

    test('applying again changes nothing, and the position never goes back', async () => {
      await fill(index);
      const other = captured(10, documentOf({ body: 'other' }));
      await index.apply({ documents: [other], removed: [], through: 3 });
      expect(await select('other')).toEqual([]);
      expect(await select('ada')).toEqual([10, 11]);
      expect(await index.position()).toBe(20);
    });

    test('a removed message is not found by any word, and never comes back (invariant 17)', async () => {
      await fill(index);
      await index.apply({ documents: [], removed: [asSequence(11), asSequence(4000)], through: 21 });
      await index.apply({ documents: story.slice(1, 2).map((again) => captured(11, again)), removed: [], through: 21 });
      expect(await select('*')).toEqual([10, 12, 13, 14, 15]);
      expect(await select('shredded OR ledger OR has:attachment')).toEqual([]);
      expect(await index.document(asSequence(11))).toBeUndefined();
      expect([...(await index.sequences())]).toEqual([10, 12, 13, 14, 15]);
      expect(await index.check()).toEqual([]);
    });

    test('dates are those of all messages, wherever the position is', async () => {
      expect(await index.dates()).toEqual(new Float64Array());
      await fill(index);
      await index.apply({ documents: [captured(31, documentOf({ date: 5 }))], removed: [asSequence(11)], through: 25 });
      const dates = [...(await index.dates()).entries()].filter(([, date]) => !Number.isNaN(date));
      const expected = story.flatMap(({ display: { date } }, place) =>
        date === null || place === 1 ? [] : [[10 + place, date]],
      );
      expect(dates).toEqual([...expected, [31, 5]]);
      expect(await index.dates()).toHaveLength(32);
    });

    test('removed are all that were, below the position and above it, and no other', async () => {
      expect(await index.removed()).toEqual([]);
      await fill(index);
      await index.apply({ documents: [], removed: [4000, 11, 2].map(asSequence), through: 21 });
      await index.apply({ documents: [], removed: [asSequence(11)], through: 22 });
      await index.expunge();
      expect(await index.removed()).toEqual([2, 11, 4000]);
    });

    test('lacking are captures that are neither in nor removed, wherever the position is', async () => {
      expect(await index.lacking([asSequence(3)])).toEqual([3]);
      expect(await index.lacking([])).toEqual([]);
      await fill(index);
      await index.apply({ documents: [captured(40, documentOf())], removed: [asSequence(12)], through: 30 });
      const asked = [40, 9, 10, 12, 15, 16, 5_000_000].map(asSequence);
      expect(await index.lacking(asked)).toEqual([9, 16, 5_000_000]);
    });

    test('a comparison names the documents that are not in as they should be, and no other', async () => {
      await fill(index);
      await index.apply({ documents: [], removed: [asSequence(12)], through: 20 });
      await using comparison = await index.comparison(0, 20);
      const right = story.map((document, place) => captured(10 + place, document));
      expect(await comparison.differing(right)).toEqual([12]);
      const other = captured(10, documentOf({ subject: 'Quarterly audit', body: 'Nothing.' }));
      const later = captured(11, { ...story[1]!, display: { ...story[1]!.display, date: day('2001-10-21') } });
      const ofAnother = { ...captured(13, story[3]!), digest: captured(14, story[3]!).digest };
      expect(await comparison.differing([other, later, ofAnother, captured(14, story[4]!)])).toEqual([10, 11, 13]);
    });

    test('words of removed messages can be expunged, and all else is found as before', async () => {
      await fill(index);
      await index.apply({ documents: [], removed: [asSequence(10)], through: 21 });
      await index.expunge();
      expect(await select('audit')).toEqual([11, 13]);
      expect(await index.lacking([asSequence(10)])).toEqual([]);
      expect(await index.check()).toEqual([]);
    });

    test('what is added and removed by one change is removed', async () => {
      const documents = [captured(1, documentOf({ body: 'brief' })), captured(2, documentOf({ body: 'brief' }))];
      await index.apply({ documents, removed: [asSequence(1)], through: 3 });
      expect(await select('brief')).toEqual([2]);
    });

    test('a set that was given out does not change later', async () => {
      await fill(index);
      const [held, { sequences }] = [await index.sequences(), await index.select({ query: parseQuery('*'), facts })];
      await index.apply({ documents: [captured(16, documentOf())], removed: [], through: 21 });
      expect([held.size, sequences.size]).toEqual([6, 6]);
      expect((await index.sequences()).size).toBe(7);
    });

    test('a hit shows the message as it was written', async () => {
      await fill(index);
      const { hits } = await index.search({ query: parseQuery('ledger'), facts, sort: 'date', limit: 1 });
      const document = story[1] ?? documentOf();
      const { sequence, digest } = captured(11, document);
      expect(hits).toEqual([{ sequence, digest, display: document.display }]);
      expect(await index.document(sequence)).toEqual({ digest, document });
    });

    test('no number of words is too many for a pattern', async () => {
      const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
      const pairs = letters.flatMap((first) => letters.map((second) => first + second));
      const words = Array.from({ length: 20_000 }, (_, place) => `w${place}x`);
      const documents = Array.from({ length: 40 }, (_, place) => {
        const some = words.slice(place * 500, (place + 1) * 500).join(' some ');
        return captured(
          place,
          documentOf({ body: some, subject: pairs.slice(place * 17, (place + 1) * 17).join(' heron') }),
        );
      });
      await index.apply({ documents, removed: [], through: 40 });
      const count = async (query: string) => (await index.count({ query: parseQuery(query), facts: noFacts })).total;
      expect(await count('w*')).toBe(40);
      expect(await count('*x')).toBe(40);
      expect(await count('w*99x')).toBe(40);
      expect(await count('"some w*"')).toBe(40);
      expect(await count('"w*x some w?2345*"')).toBe(1);
      expect(await count('w12345x')).toBe(1);
      expect(await count('w12345x~')).toBeGreaterThan(3);
      expect(await count('heron~2')).toBe(40);
      expect(await count('heron~1')).toBe(0);
    });

    test('no number of hits is too many', async () => {
      const one = documentOf({ body: 'each' });
      const documents = Array.from({ length: 3000 }, (_, place) => captured(place * 2, one));
      await index.apply({ documents, removed: [], through: 6000 });
      expect((await index.select({ query: parseQuery('each'), facts: noFacts })).sequences.size).toBe(3000);
      const all = await pages({ query: parseQuery('each'), facts: noFacts, sort: 'date', limit: 1000 });
      expect(all.map((page) => page.length)).toEqual([1000, 1000, 1000]);
    });
  });
}
