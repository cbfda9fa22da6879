import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseQuery } from '#search';
import { EmbeddedIndex } from '../../../services/search/adapters/embedded-index.ts';
import { ThreadedIndex } from '../../../services/search/adapters/threaded-index.ts';
import { captured, documentOf, noFacts } from '../../contract/search-document.ts';

/** Whoever reads a large document with it dies of that. */
const heapMegabytes = 16;
const heron = documentOf({ body: 'heron x1y z' });
const large = { ...heron, display: { ...heron.display, to: Array.from({ length: 600_000 }, () => 'x'.repeat(50)) } };
/** Is verified by reading it. */
const deadly = '"x?y z"';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-search-'));
  await using index = EmbeddedIndex.open(join(folder, 'filled.sqlite'));
  const documents = [captured(1, large), captured(2, documentOf({ body: 'heron' }))];
  await index.apply({ documents, removed: [], through: 3 });
});

beforeEach(() => {
  file = join(mkdtempSync(join(folder, 'copy-')), 'search.sqlite');
  cpSync(join(folder, 'filled.sqlite'), file);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const find = async (index: ThreadedIndex, query: string) => [
  ...(await index.select({ query: parseQuery(query), facts: noFacts })).sequences,
];

test('of what the index thread dies, only that query fails: others and changes in flight are answered by the next (invariants 24, 33)', async () => {
  await using index = ThreadedIndex.open(file, heapMegabytes);
  const fatal = find(index, deadly);
  const change = { documents: [captured(3, documentOf({ body: 'heron' }))], removed: [], through: 4 };
  const others = Promise.all([index.apply(change), find(index, 'heron')]);
  await expect(fatal).rejects.toEqual(
    expect.objectContaining({ code: 'query-too-costly', remedy: expect.stringContaining('Narrow it') }),
  );
  expect(index.trouble()).toEqual(expect.stringContaining('memory'));
  expect((await others)[1]).toEqual([1, 2, 3]);
  expect(index.trouble()).toBeUndefined();
  expect(await index.position()).toBe(4);
});

test('of changes in flight none goes in without the one before it (invariant 23)', async () => {
  await using index = ThreadedIndex.open(file, heapMegabytes);
  const first = index.apply({ documents: [captured(3, large)], removed: [], through: 4 });
  const second = index.apply({ documents: [captured(4, documentOf({ body: 'heron' }))], removed: [], through: 5 });
  const unavailable = expect.objectContaining({ code: 'index-unavailable' });
  await expect(first).rejects.toEqual(unavailable);
  await expect(second).rejects.toEqual(unavailable);
  expect(await index.position()).toBe(3);
  expect(await find(index, 'heron')).toEqual([1, 2]);
});

test('a comparison that a thread began does not go on in the next', async () => {
  await using index = ThreadedIndex.open(file, heapMegabytes);
  await using comparison = await index.comparison(0, 3);
  await expect(find(index, deadly)).rejects.toEqual(expect.objectContaining({ code: 'query-too-costly' }));
  await expect(comparison.differing([captured(2, documentOf({ body: 'heron' }))])).rejects.toEqual(
    expect.objectContaining({ code: 'index-unavailable' }),
  );
});

test('it is said while no thread can be begun, and whoever asks has it tried again', async () => {
  await using index = ThreadedIndex.open(file, heapMegabytes);
  await index.position();
  const aside = `${file}-aside`;
  renameSync(file, aside);
  writeFileSync(file, 'no index');
  await expect(find(index, deadly)).rejects.toEqual(expect.objectContaining({ code: 'query-too-costly' }));
  await expect(index.position()).rejects.toEqual(expect.objectContaining({ code: 'index-unavailable' }));
  expect(index.trouble()).toEqual(expect.any(String));
  renameSync(aside, file);
  expect(index.trouble()).toEqual(expect.any(String));
  expect(await index.position()).toBe(3);
  expect(index.trouble()).toBeUndefined();
});

test('words near each other are found in memory that does not grow with how often they stand there (invariant 33)', async () => {
  await using index = ThreadedIndex.open(file, heapMegabytes);
  const often = captured(3, documentOf({ body: 'aa '.repeat(400_000) }));
  await index.apply({ documents: [often], removed: [], through: 4 });
  expect(await find(index, '(aa OR a*) w/5 ("aa aa" OR "aa a*")')).toEqual([3]);
  expect(await find(index, '(aa OR a*) w/5 ("aa aa" OR "aa a*") w/5 b')).toEqual([]);
});

// To its end it takes minutes.
test('a query that takes too long, or that nobody waits for any more, holds up no other (invariant 33)', async () => {
  await using index = ThreadedIndex.open(file);
  const often = captured(3, documentOf({ body: `b ${'aa '.repeat(2_000_000)}` }));
  await index.apply({ documents: [often], removed: [], through: 4 });
  const phrases = Array.from({ length: 66 }, () => `"${'aa '.repeat(29)}a*"`);
  const endless = { query: parseQuery(`(${phrases.join(' OR ')}) w/5 b`), facts: noFacts };
  await expect(index.count(endless, { milliseconds: 100 })).rejects.toEqual(
    expect.objectContaining({ code: 'query-too-costly', facts: { seconds: 0.1 } }),
  );
  const [first, second] = [new AbortController(), new AbortController()];
  const asked = [first, second].map(({ signal }) => index.count(endless, { milliseconds: Infinity, signal }));
  const other = find(index, 'heron');
  const [begun, notBegun] = [expect(asked[0]).rejects.toThrow('gone'), expect(asked[1]).rejects.toThrow('gone')];
  second.abort(new Error('gone'));
  await notBegun;
  first.abort(new Error('gone'));
  await begun;
  expect(await other).toEqual([1, 2]);
}, 60_000);
