import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asSequence, digestOf } from '#kernel';
import { parseQuery, type SearchDocument } from '#search';
import { ElasticsearchIndex } from '../../services/search/adapters/elasticsearch-index.ts';
import { captured, documentOf, noFacts } from '../contract/search-document.ts';
import { describeVariant } from '../describe-variant.ts';
import { type OwnServer, ownServer } from '../servers.ts';

const REQUEST_BYTES_MAX = 1024 * 1024;

async function find(index: ElasticsearchIndex, query: string): Promise<number[]> {
  return [...(await index.select({ query: parseQuery(query), facts: noFacts })).sequences];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}

/** A body of so many different words: no compression makes it small. */
function wordy(count: number): SearchDocument {
  const words = range(0, count).map((n) => digestOf(Buffer.from(`word ${n}`)).slice(0, 12));
  return documentOf({ body: `needle ${words.join(' ')}` });
}

describeVariant('elasticsearch', 'an Elasticsearch that fails', () => {
  let folder: string;
  let server: OwnServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'muniment-elasticsearch-'));
    const args = [
      `path.data=${folder}`,
      `http.max_content_length=${REQUEST_BYTES_MAX}b`,
      `indexing_pressure.memory.limit=${2 * REQUEST_BYTES_MAX}b`,
    ];
    server = await ownServer('elasticsearch', { args });
  }, 300_000);

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (name: string, attemptsMax: number): Promise<ElasticsearchIndex> =>
    ElasticsearchIndex.open({ url: server.url, name, attemptsMax, bulkBytesMax: REQUEST_BYTES_MAX / 2 });

  /** The files that have these bytes. */
  const filesWith = (text: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path).includes(text));

  const batch = (from: number) => ({
    documents: range(from, from + 5).map((n) => captured(n, documentOf({ body: `each w${n}` }))),
    removed: [],
    through: from + 5,
  });

  test('what is too large for a request is found by its words; what even encoded is too large makes answers incomplete', async () => {
    await using index = await open('large', 3);
    const repetitive = documentOf({ body: `needle ${'the same words again '.repeat(60_000)}` });
    const documents = [captured(0, documentOf({ body: 'needle' })), captured(1, repetitive), captured(2, documentOf())];
    await index.apply({ documents, removed: [], through: 3 });
    const request = { query: parseQuery('needle'), facts: noFacts };
    expect(await index.select(request)).toMatchObject({ complete: true });
    expect(await find(index, 'needle "words again"')).toEqual([1]);
    expect(await find(index, 'NOT needle')).toEqual([2]);
    await index.apply({ documents: [captured(3, wordy(300_000))], removed: [], through: 4 });
    expect(await index.count(request)).toMatchObject({ total: 2, asOf: 3, complete: false });
    expect(await index.count({ ...request, asOf: 2 })).toMatchObject({ total: 2, asOf: 2, complete: true });
    expect(await index.count({ ...request, query: parseQuery('*') })).toMatchObject({
      total: 4,
      asOf: 3,
      complete: true,
    });
  });

  test('too much at once is refused by the engine, and taken a little later', async () => {
    await using index = await open('much', 30);
    const text = 'each of the words of this letter '.repeat(1000);
    const change = (n: number) => ({
      documents: range(n * 20, n * 20 + 20).map((at) => captured(at, documentOf({ body: text }))),
      removed: [],
      through: 0,
    });
    await Promise.all(range(0, 16).map((n) => index.apply(change(n))));
    await index.apply({ documents: [], removed: [], through: 320 });
    expect(await find(index, 'each')).toEqual(range(0, 320));
    const answer = await fetch(`${server.url}/_nodes/stats/indexing_pressure`);
    expect(/"coordinating_rejections":[1-9]/u.test(await answer.text())).toBe(true);
  });

  test('killed in the middle of a change: nothing acknowledged is lost, and the position is not ahead', async () => {
    await using index = await open('killed', 400);
    let position = 0;
    for (const acknowledged of [2, 7, 4]) {
      const until = position + acknowledged * 5;
      for (; position < until; position += 5) await index.apply(batch(position));
      // Sent, and not waited for: it is wherever the kill finds it.
      const inFlight = index.apply(batch(position));
      await server.kill();
      await server.start();
      await using other = await open('killed', 400);
      // The process that waited goes on by itself, perhaps between two questions: an answer says what it is as of.
      const { sequences, asOf, complete } = await other.select({ query: parseQuery('each'), facts: noFacts });
      expect(asOf + 1).toBeGreaterThanOrEqual(position);
      expect([complete, ...sequences]).toEqual([true, ...range(0, asOf + 1)]);
      await inFlight;
      position += 5;
      expect(await find(index, 'each')).toEqual(range(0, position));
    }
    expect(await index.check()).toEqual([]);
  }, 600_000);

  test('away for a while: a fault that says what to do, and the same change succeeds later', async () => {
    await using index = await open('away', 2);
    await index.apply(batch(0));
    await server.stop();
    const fault = expect.objectContaining({
      code: 'index-unavailable',
      remedy: expect.stringContaining('Elasticsearch'),
    });
    await expect(index.apply(batch(5))).rejects.toEqual(fault);
    await expect(find(index, 'each')).rejects.toEqual(fault);
    await expect(index.position()).rejects.toEqual(fault);
    await server.start();
    await using again = await open('away', 400);
    await again.apply(batch(5));
    expect(await find(again, 'each')).toEqual(range(0, 10));
  }, 300_000);

  test('a removed word is in no file once it is expunged (invariant 17)', async () => {
    await using index = await open('planted', 8);
    const filler = (place: number): string =>
      range(0, 60)
        .map((n) => `w${(place * 31 + n * n) % 997}`)
        .join(' ');
    for (const first of range(0, 6).map((n) => n * 40)) {
      const documents = range(first, first + 40).map((place) => {
        const secret = place % 97 === 5 ? `zqplantedsecret zqplantedsecret${place}` : '';
        return captured(place, documentOf({ subject: secret, body: `${filler(place)} ${secret}` }));
      });
      await index.apply({ documents, removed: [], through: first + 40 });
    }
    expect(filesWith('zqplantedsecret')).not.toEqual([]);
    const removed = await find(index, 'zqplantedsecret');
    expect(removed).toHaveLength(3);
    await index.apply({ documents: [], removed: removed.map(asSequence), through: 240 });
    expect(await find(index, 'zqplantedsecret')).toEqual([]);
    await index.expunge();
    expect(filesWith('zqplantedsecret')).toEqual([]);
    expect((await index.sequences()).size).toBe(237);
    expect(await index.check()).toEqual([]);
  }, 300_000);
});
