import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { printQuery, SearchFault, type SelectRequest } from '#search';
import { letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

let folder: TemporaryFolder;
let archive: WholeArchive;

beforeEach(async () => {
  folder = await TemporaryFolder.make();
  archive = await WholeArchive.open(folder.path);
  await archive.capture([letter(1), letter(2)]);
  await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const place = (query: string) => archive.holds.place({ matter: 'harbour', query, reason: 'claim' }, 'cli');

/** Has the index fail of whatever has this word. */
function failOf(word: string): () => void {
  const { index } = archive;
  const select = index.select.bind(index);
  index.select = (request: SelectRequest) =>
    printQuery(request.query).includes(word)
      ? Promise.reject(new SearchFault('query-too-costly', 'the query took too much', { remedy: 'Narrow it.' }))
      : select(request);
  return () => (index.select = select);
}

test('a hold whose sweep fails stands, and whoever placed it is told so (invariant 14)', async () => {
  failOf('harbour');
  const { hold, messages, matching, unswept } = await place('harbour');
  expect({ messages, matching, unswept }).toMatchObject({
    messages: 0,
    matching: null,
    unswept: { code: 'query-too-costly' },
  });
  expect(archive.holds.get(hold.id)).toMatchObject({ releasedAt: null, swept: false });
  const [first] = [...archive.recorder.catalog.messages.range()];
  if (first === undefined) throw new Error('nothing was captured');
  await expect(archive.disposition.dispose(first, 'expired', 'cli')).rejects.toMatchObject({ code: 'held' });
  await archive.capture([letter(3)]);
  expect(archive.holds.list()).toEqual([expect.objectContaining({ messages: 1 })]);
});

test('one hold that cannot be swept keeps no other from being swept, and is swept once it can be (invariants 14, 24)', async () => {
  const mendFirst = failOf('harbour');
  const { hold: first } = await place('harbour');
  const mendSecond = failOf('letter');
  const { hold: second } = await place('letter');
  mendSecond();
  await expect(archive.holds.finishSweeps()).rejects.toMatchObject({ code: 'query-too-costly' });
  const states = () => [first, second].map(({ id }) => archive.holds.get(id).swept);
  expect(states()).toEqual([false, true]);
  mendFirst();
  expect(await archive.holds.finishSweeps()).toBe(1);
  expect(states()).toEqual([true, true]);
  expect(archive.recorder.catalog.holds.countOf(first.id)).toBe(2);
});
