import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Entry } from '#ledger';
import { type MattersFault, savedSearchName, SavedSearches } from '#matters';
import { TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

let folder: TemporaryFolder;
let archive: WholeArchive;

beforeEach(async () => {
  folder = await TemporaryFolder.make();
  archive = await WholeArchive.open(folder.path);
  await archive.matters.create({ name: 'ferry', description: '' }, 'cli');
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const herons = { matter: 'ferry', name: 'herons', query: 'heron OR "VF-2217"', replace: false };

async function entries(): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const batch of archive.recorder.ledger.read(0)) all.push(...batch.entries);
  return all.filter(({ kind }) => kind === 'search-saved' || kind === 'search-discarded');
}

describe('a search that a matter keeps', () => {
  test('is found by its name and its id, by the name and the id of the matter, and says who saved it when', async () => {
    const saved = await archive.savedSearches.save(herons, 'ines');
    const { id: matter } = archive.matters.get('ferry');
    const { name, query } = herons;
    const sequence = archive.recorder.ledger.head.size - 1;
    const savedAt = archive.clock.now();
    expect(saved).toEqual({ id: saved.id, matter, sequence, name, query, savedAt, savedBy: 'ines' });
    expect(await archive.savedSearches.get(matter, 'herons')).toEqual(saved);
    expect(await archive.savedSearches.get('ferry', saved.id)).toEqual(saved);
    expect(await archive.savedSearches.list('ferry')).toEqual([saved]);
  });

  test('gives its name to no other, unless it is to be replaced', async () => {
    const first = await archive.savedSearches.save(herons, 'cli');
    const { size } = archive.recorder.ledger.head;
    await expect(archive.savedSearches.save({ ...herons, query: 'kite' }, 'cli')).rejects.toMatchObject({
      code: 'saved-search-exists',
      remedy: expect.stringContaining('--replace'),
    });
    expect(archive.recorder.ledger.head.size).toBe(size);
    const second = await archive.savedSearches.save({ ...herons, query: 'kite', replace: true }, 'cli');
    expect(second).toMatchObject({ id: first.id, query: 'kite', sequence: size });
    expect(await archive.savedSearches.list('ferry')).toEqual([second]);
  });

  test('is new where there is nothing to replace', async () => {
    expect(await archive.savedSearches.save({ ...herons, replace: true }, 'cli')).toMatchObject({ name: 'herons' });
  });

  test('may be discarded, and its name taken again; the ledger keeps what each asked', async () => {
    const first = await archive.savedSearches.save(herons, 'cli');
    expect(await archive.savedSearches.discard('ferry', 'herons', 'ines')).toEqual(first);
    expect(await archive.savedSearches.list('ferry')).toEqual([]);
    const second = await archive.savedSearches.save({ ...herons, query: 'kite' }, 'cli');
    expect(second.id).not.toBe(first.id);
    expect(await entries()).toMatchObject([
      { kind: 'search-saved', saved: first.id, aside: { name: 'herons', query: herons.query } },
      { kind: 'search-discarded', actor: 'ines', saved: first.id, matter: first.matter },
      { kind: 'search-saved', saved: second.id, aside: { name: 'herons', query: 'kite' } },
    ]);
  });
});

describe('refused, and nothing is recorded:', () => {
  test.each([
    ['a query that is cut off', { query: '(heron' }, 'query-invalid'],
    ['an empty query', { query: ' ' }, 'query-invalid'],
    ['a field that there is not', { query: 'colour:blue' }, 'query-invalid'],
    ['a matter that there is not', { matter: 'bridge' }, 'no-such-matter'],
  ])('%s', async (_what, wrong, code) => {
    const saving = archive.savedSearches.save({ ...herons, ...wrong }, 'cli');
    await expect(saving).rejects.toMatchObject({ code, remedy: expect.stringMatching(/./u) });
    expect(await entries()).toEqual([]);
  });

  test('what is not there, or is in another matter, with where to look', async () => {
    await archive.matters.create({ name: 'bridge', description: '' }, 'cli');
    await archive.savedSearches.save({ ...herons, matter: 'bridge' }, 'cli');
    const absent = { code: 'no-such-saved-search', remedy: expect.stringContaining('muniment saved list') };
    await expect(archive.savedSearches.get('ferry', 'herons')).rejects.toMatchObject(absent);
    await expect(archive.savedSearches.discard('ferry', 'herons', 'cli')).rejects.toMatchObject(absent);
    expect(await entries()).toHaveLength(1);
  });
});

test('names are 1 to 200 characters, but for blanks around them', () => {
  const names = ['', ' \t', 'a'.repeat(201), ' herons ', 'a'.repeat(200)];
  const checked = names.map((name) => savedSearchName.safeParse(name).data);
  expect(checked).toEqual([undefined, undefined, undefined, 'herons', 'a'.repeat(200)]);
});

test('of two processes that take one name at once, one is told that it is taken, and the other has it', async () => {
  const processes = ['one', 'two'].map((query) => {
    const { matters, recorder } = archive;
    return new SavedSearches(recorder, matters).save({ ...herons, query }, 'cli');
  });
  const ended = await Promise.allSettled(processes);
  const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as MattersFault] : []));
  expect(refused).toMatchObject([{ code: 'saved-search-exists' }]);
  const kept = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(await archive.savedSearches.list('ferry')).toEqual(kept);
});

test('what another process saved, replaced or discarded is known at once', async () => {
  const { matter } = await archive.savedSearches.save(herons, 'cli');
  const { id: saved } = await archive.savedSearches.get('ferry', 'herons');
  const aside = { name: 'herons', query: 'kite' };
  const { ledger } = archive.recorder;
  await ledger.append([{ kind: 'search-saved', actor: 'api', matter, saved, aside }]);
  expect(await archive.savedSearches.get('ferry', 'herons')).toMatchObject({ query: 'kite', savedBy: 'api' });
  await ledger.append([{ kind: 'search-discarded', actor: 'api', matter, saved, aside: {} }]);
  expect(await archive.savedSearches.list('ferry')).toEqual([]);
});
