import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { SearchFault } from '#search';
import { letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const encrypted = (words: string) =>
  Buffer.from(`Subject: ${words}\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n`);

let folder: TemporaryFolder;
let archive: WholeArchive;

beforeEach(async () => {
  folder = await TemporaryFolder.make();
  archive = await WholeArchive.open(folder.path);
  await archive.capture([letter(1), encrypted('closed'), encrypted('harbour')]);
  await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const place = (query: string) => archive.holds.place({ matter: 'harbour', query, reason: 'claim' }, 'cli');

test('of the messages on hold, those that nobody could judge are counted, as when it was placed', async () => {
  const { hold, messages, matching } = await place('harbour');
  expect([messages, matching]).toEqual([3, 2]);
  expect(await archive.holds.countUnjudged(hold)).toBe(1);
  await archive.capture([letter(2), encrypted('later')]);
  expect(archive.holds.list()).toEqual([expect.objectContaining({ messages: 5 })]);
  expect(await archive.holds.countUnjudged(hold)).toBe(2);
});

test('there is none where all can be judged, and no answer for a hold that was released', async () => {
  const { hold } = await place('custodian:ada');
  expect(await archive.holds.countUnjudged(hold)).toBe(0);
  expect(await archive.holds.countUnjudged(await archive.holds.release(hold.id, 'settled', 'cli'))).toBeNull();
});

test('a search index that cannot be asked keeps nobody from seeing the holds', async () => {
  const { hold } = await place('harbour');
  archive.index.select = () => Promise.reject(new SearchFault('index-unavailable', 'away', { remedy: 'wait' }));
  expect(await archive.holds.countUnjudged(hold)).toBeNull();
});

test('an export of the matter says the same', async () => {
  await place('harbour');
  const order = { selection: { matter: 'harbour' }, format: 'eml' as const };
  const summary = await archive.exporter.export({ ...order, out: join(folder.path, 'matter') }, 'cli');
  expect(summary).toMatchObject({ exported: 3, unjudged: 1, remarks: 2 });
  const selection = { query: 'harbour' };
  const found = await archive.exporter.export({ ...order, selection, out: join(folder.path, 'query') }, 'cli');
  expect(found).toMatchObject({ exported: 2, unjudged: 0, remarks: 1 });
});
