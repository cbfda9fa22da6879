import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import type { ExportFormat, ExportSelection } from '#export';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mail, openArchive, Stores, type TestArchive } from './export-archive.ts';
import { filesIn, linesOf, temporaryFolder } from './export-files.ts';

const flight = mail('flight', 'The flight to Oslo');
const hotel = mail('hotel', 'The hotel in Oslo');
const lunch = mail('lunch', 'Lunch at noon');

describe('the same selection as of the same sequence (invariant 22)', () => {
  let stores: Stores;
  let archive: TestArchive;
  let place: Awaited<ReturnType<typeof temporaryFolder>>;
  let asOf: number;
  let runs = 0;

  beforeEach(async () => {
    stores = new Stores();
    archive = await openArchive(stores);
    place = await temporaryFolder();
    for (const message of [flight, hotel, lunch]) await archive.add(message);
    await archive.matters.create({ name: 'Travel', description: '' }, 'test');
    await archive.holds.place({ matter: 'Travel', query: 'oslo NOT custodian:bob', reason: 'claim' }, 'test');
    asOf = archive.newest;
  });

  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  async function exported(selection: ExportSelection, format: ExportFormat = 'eml', from = archive) {
    const out = join(place.path, `run-${runs++}`);
    const summary = await from.exporter.export({ selection, out, format, asOf }, 'test');
    return { out, summary, files: await filesIn(out) };
  }

  async function live(): Promise<void> {
    await archive.add(mail('another flight', 'Back from Oslo'));
    await archive.add(flight, { custodian: 'bob', mailbox: 'Copies' });
    const [{ hold } = { hold: undefined }] = archive.holds.list();
    await archive.holds.place({ matter: 'Travel', query: 'lunch', reason: 'more' }, 'test');
    await archive.holds.release(hold?.id ?? '', 'settled', 'test');
  }

  test.each([
    ['a query', { query: 'oslo' }],
    ['a fact about sightings', { query: 'NOT custodian:bob' }],
    ['a matter', { matter: 'Travel' }],
    ['everything', { all: true as const }],
  ])('of %s gives the same files, whatever was recorded since', async (_, selection) => {
    const formats = ['eml', 'mbox'] as const;
    const before = [];
    for (const format of formats) before.push(await exported(selection, format));
    await live();
    for (const [index, format] of formats.entries()) {
      const after = await exported(selection, format);
      expect(after.files).toEqual(before[index]?.files);
      expect(after.summary.exportId).not.toBe(before[index]?.summary.exportId);
    }
  });

  test('gives the same files after catalog and index were made anew', async () => {
    const before = await exported({ matter: 'Travel' });
    await live();
    await using rebuilt = await openArchive(stores);
    const after = await exported({ matter: 'Travel' }, 'eml', rebuilt);
    expect(after.files).toEqual(before.files);
  });

  test('of a matter has what its holds matched then, though a later sighting would not match', async () => {
    await archive.add(flight, { custodian: 'bob', mailbox: 'Copies' });
    asOf = archive.newest;
    const { out } = await exported({ matter: 'Travel' });
    const digests = (await linesOf(join(out, 'manifest.jsonl'))).map(({ digest }) => digest);
    expect(digests).toEqual([digestOf(flight), digestOf(hotel)]);
  });

  test('lists what was disposed of since as an exception, and is otherwise the same', async () => {
    const before = await exported({ query: 'lunch OR hotel' });
    const record = archive.catalog.messages.byDigest(digestOf(lunch));
    if (record === undefined) throw new Error('not captured');
    await archive.disposition.dispose(record, 'no longer needed', 'test');
    const after = await exported({ query: 'lunch OR hotel' });
    expect(await linesOf(join(after.out, 'exceptions.jsonl'))).toEqual([
      expect.objectContaining({ digest: digestOf(lunch), exported: false, reason: 'disposed' }),
    ]);
    expect(after.summary).toMatchObject({ exported: 1, exceptions: 1 });
    const kept = before.files.get('manifest.jsonl')?.toString().split('\n') ?? [];
    expect(kept).toContain((await readFile(join(after.out, 'manifest.jsonl'), 'utf8')).trimEnd());
    for (const name of after.files.keys()) {
      if (!/\.jsonl$|SHA256SUMS/u.test(name)) expect(after.files.get(name)).toEqual(before.files.get(name));
    }
  });

  test('does not count what was disposed of before', async () => {
    const record = archive.catalog.messages.byDigest(digestOf(lunch));
    if (record === undefined) throw new Error('not captured');
    await archive.disposition.dispose(record, 'no longer needed', 'test');
    asOf = archive.newest;
    const { summary } = await exported({ all: true });
    expect(summary).toMatchObject({ selected: 2, exported: 2, exceptions: 0 });
  });
});
