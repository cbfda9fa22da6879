import { expect, test } from '@jest/globals';
import { discardedDraft, savedDraft } from '../../sample-ledger.ts';
import { foldedFrom, foldInto, timeAt } from './entries.ts';

test('a matter has the last query under each name, and what was discarded no more', async () => {
  using catalog = await foldedFrom([savedDraft('a', 'ferry', 'first'), savedDraft('b', 'birds', 'heron')]);
  await foldInto(catalog, [savedDraft('a', 'ferry', 'second'), discardedDraft('b'), savedDraft('c', 'birds', 'kite')]);
  const { savedSearches } = catalog;
  expect(savedSearches.ofMatter('m').map(({ id, query }) => [id, query])).toEqual([
    ['c', 'kite'],
    ['a', 'second'],
  ]);
  const ferry = { id: 'a', matter: 'm', sequence: 2, name: 'ferry', savedAt: timeAt(2), savedBy: 'cli' };
  expect(savedSearches.find('m', 'ferry')).toEqual({ ...ferry, query: 'second' });
  expect(savedSearches.find('m', 'a')).toEqual(savedSearches.find('m', 'ferry'));
  expect(savedSearches.find('other', 'ferry')).toBeUndefined();
});

test('of two that took one name at the same time the first has it, in whatever batches they came', async () => {
  const rivals = [savedDraft('a', 'ferry', 'mine'), savedDraft('b', 'ferry', 'yours')];
  using together = await foldedFrom(rivals);
  using apart = await foldedFrom(rivals.slice(0, 1));
  await foldInto(apart, rivals.slice(1));
  for (const { savedSearches } of [together, apart]) {
    expect(savedSearches.ofMatter('m')).toMatchObject([{ id: 'a', query: 'mine' }]);
  }
  await foldInto(apart, [discardedDraft('b')]);
  expect(apart.savedSearches.find('m', 'ferry')).toMatchObject({ id: 'a' });
});

test('the same name in another matter is another search', async () => {
  using catalog = await foldedFrom([savedDraft('a', 'x', 'one'), { ...savedDraft('b', 'x', 'two'), matter: 'n' }]);
  expect(['m', 'n'].map((matter) => catalog.savedSearches.find(matter, 'x')?.query)).toEqual(['one', 'two']);
});

test('where the line of the last query is gone, no earlier one comes back under its name', async () => {
  using catalog = await foldedFrom([
    savedDraft('a', 'ferry', 'first'),
    { ...savedDraft('a', 'ferry', 'second'), aside: 'erased' },
    { ...savedDraft('b', 'birds', 'heron'), aside: 'erased' },
  ]);
  expect(catalog.savedSearches.ofMatter('m')).toEqual([]);
});
