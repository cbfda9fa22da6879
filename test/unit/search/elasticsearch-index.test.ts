import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { asSequence } from '#kernel';
import { parseQuery, type SearchDocument, type SearchIndex, SequenceSet } from '#search';
import {
  ElasticsearchIndex,
  type ElasticsearchIndexOptions,
} from '../../../services/search/adapters/elasticsearch-index.ts';
import { summedCounts, type ValueCount } from '../../../services/search/adapters/elasticsearch/value-counts.ts';
import { captured, documentOf, noFacts } from '../../contract/search-document.ts';
import { describeVariant } from '../../describe-variant.ts';
import { deleteIndices, indexName } from '../../elasticsearch-index.ts';
import { sharedServer } from '../../servers.ts';

async function find(index: SearchIndex, query: string): Promise<number[]> {
  return [...(await index.select({ query: parseQuery(query), facts: noFacts })).sequences];
}

const fault = (code: string): unknown => expect.objectContaining({ code, remedy: expect.stringMatching(/\.$/u) });

function body(text: string): SearchDocument {
  return documentOf({ body: text });
}

/** Lucene takes no term of so many bytes; the analyzer gives none, but a document need not come from it. */
function refusedDocument(text: string, date?: number): SearchDocument {
  const document = documentOf({ body: text, date });
  return { ...document, columns: { ...document.columns, body: `${document.columns.body} ${'q'.repeat(40_000)}` } };
}

test('counts of the parts of a large set are those of the whole, each value once', async () => {
  // In the order of UTF-8, which is another one than that of JavaScript.
  const parts: readonly (readonly [string, number])[][] = [
    [
      ['a', 1],
      ['c', 2],
      ['\uff21', 3],
      ['\u{1f600}', 4],
    ],
    [],
    [
      ['b', 5],
      ['c', 6],
      ['\u{1f600}', 7],
    ],
    [['\uff21', 8]],
  ];
  async function* part(counts: readonly (readonly [string, number])[]): AsyncGenerator<ValueCount> {
    for (const [value, count] of counts) yield { value, count };
  }
  const summed: [string, number][] = [];
  for await (const { value, count } of summedCounts(parts.map(part))) summed.push([value, count]);
  expect(summed).toEqual([
    ['a', 1],
    ['b', 5],
    ['c', 8],
    ['\uff21', 11],
    ['\u{1f600}', 11],
  ]);
});

describeVariant('elasticsearch', 'the indices of Elasticsearch', () => {
  let url: string;
  let name: string;
  let opened: AsyncDisposable[];

  beforeEach(async () => {
    ({ url } = await sharedServer('elasticsearch'));
    name = indexName();
    opened = [];
  });

  afterEach(async () => {
    for (const one of opened) await one[Symbol.asyncDispose]();
    await deleteIndices(url, name);
  });

  const open = async (options: Partial<ElasticsearchIndexOptions> = {}): Promise<ElasticsearchIndex> => {
    const index = await ElasticsearchIndex.open({ url, name, ...options });
    opened.push(index);
    return index;
  };

  const rebuild = async (): Promise<ElasticsearchIndex> => {
    const index = await ElasticsearchIndex.beginRebuild({ url, name });
    opened.push(index);
    return index;
  };

  const ask = async (path: string, method = 'GET', json?: unknown): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/${path}`, {
      method,
      headers,
      body: json === undefined ? null : JSON.stringify(json),
    });
    return await response.json();
  };

  const indices = async (): Promise<readonly string[]> =>
    Object.keys((await ask(`${name}-v*`)) as Record<string, unknown>).map((index) => index.slice(name.length));

  test('a document that the engine refuses is found all the same, by its words, facts and date', async () => {
    const index = await open();
    const documents = [
      captured(0, documentOf({ body: 'needle', date: Date.UTC(2001, 1, 1) })),
      captured(1, refusedDocument('needle in hay', Date.UTC(2002, 1, 1))),
      captured(2, body('hay')),
    ];
    await index.apply({ documents, removed: [], through: 3 });
    expect(await find(index, 'needle')).toEqual([0, 1]);
    expect(await find(index, '"needle in hay"')).toEqual([1]);
    expect(await find(index, 'NOT needle')).toEqual([2]);
    expect(await find(index, 'date:2002')).toEqual([1]);
    const answer = await index.search({ query: parseQuery('hay OR needle'), facts: noFacts, sort: 'date', limit: 9 });
    expect(answer).toMatchObject({ total: 3, complete: true, asOf: 2 });
    expect(answer.hits.map((hit) => hit.sequence)).toEqual([1, 0, 2]);
    expect(await index.lacking([0, 1, 2, 3].map(asSequence))).toEqual([3]);
    await index.apply({ documents: [], removed: [asSequence(1)], through: 3 });
    expect(await find(index, 'hay OR needle')).toEqual([0, 2]);
    expect(await index.check()).toEqual([]);
  });

  test('a refused document is found where facts are combined here, too', async () => {
    const index = await open({ inlineSequencesMax: 0 });
    const facts = { ...noFacts, custodian: () => SequenceSet.of([1, 2]) };
    await index.apply({
      documents: [captured(1, refusedDocument('needle')), captured(2, body('hay'))],
      removed: [],
      through: 3,
    });
    const select = async (query: string): Promise<number[]> => [
      ...(await index.select({ query: parseQuery(query), facts })).sequences,
    ];
    expect(await select('custodian:ada needle')).toEqual([1]);
    expect(await select('custodian:ada -needle')).toEqual([2]);
  });

  test('an index for each span of sequences, all of them behind the alias, with the strict mapping', async () => {
    const index = await open({ sequencesPerIndex: 10 });
    const documents = [3, 19, 40].map((sequence) => captured(sequence, body(`n${sequence}`)));
    await index.apply({ documents, removed: [asSequence(25)], through: 41 });
    const generation = (await indices())[0]?.replace(/-\d+$/u, '') ?? '';
    expect(await indices()).toEqual([0, 1, 2, 4].map((span) => `${generation}-00000${span}`));
    expect(await ask(`${name}/_count`)).toMatchObject({ count: 4 });
    const stray = await ask(`${name}${generation}-000000/_doc/9`, 'PUT', { surprise: 1 });
    expect(JSON.stringify(stray)).toContain('strict_dynamic_mapping_exception');
    const lost = await ask(`${name}${generation}-000009/_doc/90`, 'PUT', { sequence: 90 });
    expect(JSON.stringify(lost)).toContain('forbids index auto creation');
  });

  test('several processes apply at once, and one that follows fills what a dead one left', async () => {
    const [one, two] = [await open(), await open()];
    const at = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => captured(from + n, body(`each n${from + n}`)));
    await Promise.all([
      one.apply({ documents: at(0, 30), removed: [], through: 0 }),
      two.apply({ documents: at(20, 50), removed: [], through: 0 }),
      two.apply({ documents: at(55, 60), removed: [], through: 0 }),
    ]);
    expect(await find(one, 'each')).toEqual([]);
    const all = Array.from({ length: 60 }, (_, n) => asSequence(n));
    const gap = await two.lacking(all);
    expect(gap).toEqual([50, 51, 52, 53, 54]);
    await Promise.all([
      two.apply({ documents: at(50, 55), removed: [], through: 60 }),
      one.apply({ documents: at(0, 10), removed: [], through: 10 }),
    ]);
    expect([await one.position(), await two.position()]).toEqual([60, 60]);
    expect(await find(one, 'each')).toEqual(all);
  });

  test('a rebuilt index takes the place of the old one in one step, for everybody, and nothing removed comes back', async () => {
    const [writer, reader] = [await open(), await open()];
    const documents = [0, 1, 2].map((sequence) => captured(sequence, body(`each old${sequence}`)));
    await writer.apply({ documents, removed: [], through: 3 });
    const before = await indices();
    const rebuilt = await rebuild();
    expect(await rebuilt.position()).toBe(0);
    await rebuilt.apply({ documents: documents.slice(0, 2), removed: [], through: 2 });
    expect(await find(reader, 'each')).toEqual([0, 1, 2]);
    expect(await find(rebuilt, 'each')).toEqual([0, 1]);
    expect(await rebuilt.adopt()).toBe(false);
    await writer.apply({ documents: [], removed: [asSequence(0), asSequence(2)], through: 3 });
    await rebuilt.apply({ documents, removed: [], through: 3 });
    expect(await rebuilt.adopt()).toBe(true);
    expect(await rebuilt.adopt()).toBe(true);
    expect(await find(reader, 'each')).toEqual([1]);
    expect(await find(rebuilt, 'each')).toEqual([1]);
    const after = await indices();
    expect([before, after].map((list) => list.length)).toEqual([1, 1]);
    expect(after).not.toEqual(before);
    expect(await ask(`${name}/_count`)).toMatchObject({ count: 3 });
    const next = { documents: [captured(3, body('each'))], removed: [], through: 4 };
    // What the writer had found to be in was in the old one: it looks again, once.
    await expect(writer.apply(next)).rejects.toEqual(fault('index-unavailable'));
    await writer.apply(next);
    expect(await find(reader, 'each')).toEqual([1, 3]);
    expect(await reader.check()).toEqual([]);
  });

  test('whoever begins a rebuild again takes over', async () => {
    await open();
    const [first, second] = [await rebuild(), await rebuild()];
    await expect(first.apply({ documents: [], removed: [], through: 1 })).rejects.toEqual(fault('index-unavailable'));
    await expect(first.adopt()).rejects.toEqual(fault('index-unavailable'));
    await second.apply({ documents: [captured(0, body('each'))], removed: [], through: 1 });
    expect(await second.adopt()).toBe(true);
    expect(await find(await open(), 'each')).toEqual([0]);
  });

  test('an index of another version is index-outdated, answers nothing wrong, and can be rebuilt', async () => {
    const old = await open();
    await old.apply({ documents: [captured(0, body('each'))], removed: [], through: 1 });
    const { _source: state } = (await ask(`${name}-state/_doc/archive`)) as { _source: { live: { name: string } } };
    const outdated = { ...state, live: { ...state.live, name: 'v1-g1' } };
    await ask(`${name}-state/_doc/archive?refresh=true`, 'PUT', outdated);
    await expect(open()).rejects.toEqual(fault('index-outdated'));
    const rebuilt = await rebuild();
    await rebuilt.apply({ documents: [captured(0, body('each anew'))], removed: [], through: 1 });
    expect(await rebuilt.adopt()).toBe(true);
    expect(await find(await open(), 'anew')).toEqual([0]);
  });

  test('an index that somebody deleted is index-damaged, never a shorter answer', async () => {
    const index = await open({ sequencesPerIndex: 10 });
    const documents = [3, 19].map((sequence) => captured(sequence, body('each')));
    await index.apply({ documents, removed: [], through: 20 });
    await fetch(`${url}/${name}${(await indices())[1] ?? ''}`, { method: 'DELETE' });
    const request = { query: parseQuery('each'), facts: noFacts };
    await expect(index.select(request)).rejects.toEqual(fault('index-damaged'));
    await expect(index.count(request)).rejects.toEqual(fault('index-damaged'));
    await expect(index.search({ ...request, sort: 'date', limit: 1 })).rejects.toEqual(fault('index-damaged'));
    await expect(index.document(asSequence(19))).rejects.toEqual(fault('index-damaged'));
    await expect(index.apply({ documents, removed: [], through: 21 })).rejects.toEqual(fault('index-damaged'));
    expect(await index.check()).toEqual([expect.stringContaining('is gone')]);
    expect(await index.position()).toBe(20);
    const rebuilt = await rebuild();
    await rebuilt.apply({ documents, removed: [asSequence(19)], through: 20 });
    expect(await rebuilt.adopt()).toBe(true);
    expect(await find(index, 'each')).toEqual([3]);
  });

  test('a document that cannot be decoded is index-damaged, and named by check', async () => {
    const index = await open();
    await index.apply({ documents: [captured(1, body('each'))], removed: [], through: 2 });
    const [place = ''] = await indices();
    const damaged = { sequence: 1, digest: 'abcd', band: 3, marks: [] };
    await ask(`${name}${place}/_doc/1?refresh=true`, 'PUT', damaged);
    await expect(index.document(asSequence(1))).rejects.toEqual(fault('index-damaged'));
    expect(await index.check()).toEqual([expect.stringContaining('capture 1')]);
  });

  test('an Elasticsearch that is not there, or does not know us, is index-unavailable', async () => {
    await expect(open({ url: 'http://127.0.0.1:1', attemptsMax: 2 })).rejects.toEqual(fault('index-unavailable'));
  });

  test.each(['', 'Upper', 'a b', '../x', '_x', 'x-state', 'x-v2', 'a'.repeat(101)])(
    '%j is no name for an index',
    async (wrong) => {
      await expect(open({ name: wrong })).rejects.toEqual(fault('index-unavailable'));
    },
  );

  test('more hits than one page of the engine has are all selected, and paged', async () => {
    const index = await open({ sequencesPerIndex: 8000, shards: 2 });
    const document = body('each');
    const documents = Array.from({ length: 20_500 }, (_, place) => captured(place, document));
    await index.apply({ documents, removed: [], through: 20_500 });
    const query = parseQuery('each');
    expect((await index.select({ query, facts: noFacts })).sequences.size).toBe(20_500);
    expect((await index.count({ query, facts: noFacts })).total).toBe(20_500);
    let after: string | undefined;
    const pages: number[][] = [];
    do {
      const answer = await index.search({ query, facts: noFacts, sort: 'date', limit: 10_000, after });
      pages.push(answer.hits.map((hit) => hit.sequence));
      after = answer.next;
    } while (after !== undefined);
    expect(pages.map((page) => page.length)).toEqual([10_000, 10_000, 500]);
    expect(new Set(pages.flat()).size).toBe(20_500);
  });
});
