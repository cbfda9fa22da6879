import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { headerText, messageText, parseMessage } from '#message';
import { MessageReader, Reading, Searching } from '#reading';
import { letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const worker = new URL('./stand-ins/failing-reader.ts', import.meta.url);

/** More than is read on the spot. */
const long = (what: string) => letter(1, `please ${what}; ${'all work and no play '.repeat(6000)}`);
const good = long('read me');
const short = letter(2);
const asks = ['hang', 'throw', 'grow'] as const;

describe('reading a message that takes too much (invariant 33)', () => {
  let folder: TemporaryFolder;
  let archive: WholeArchive;
  let reader: MessageReader;
  let reading: Reading;

  beforeAll(async () => {
    folder = await TemporaryFolder.make();
    archive = await WholeArchive.open(folder.path);
    await archive.capture([good, short, ...asks.map(long)]);
    reader = new MessageReader(archive.archive, { worker, messageTimeMaxMs: 4000 });
    reading = new Reading(archive.recorder, archive.archive, reader);
  });
  afterAll(async () => {
    await reader[Symbol.asyncDispose]();
    await archive[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const textOf = (bytes: Buffer) => reading.text(archive.message(bytes), 'eve');

  test.each(asks)('ends with a fault where it should %s, and the next is read', async (what) => {
    await expect(textOf(long(what))).rejects.toMatchObject({ code: 'too-costly' });
    await expect(reading.headers(archive.message(long(what)), 'eve')).rejects.toMatchObject({ code: 'too-costly' });
    expect(await textOf(good)).toBe(messageText(parseMessage(good)));
  });

  test('keeps those waiting that are as large, and no others', async () => {
    const ended: string[] = [];
    const noting = (name: string, bytes: Buffer) =>
      textOf(bytes).then(
        () => ended.push(name),
        () => ended.push(name),
      );
    await Promise.all([noting('hostile', long('hang')), noting('large', good), noting('small', short)]);
    expect(ended).toEqual(['small', 'hostile', 'large']);
  });

  test('leaves it without excerpts, among others that have them', async () => {
    const searching = new Searching(archive.recorder, reader, archive.index);
    const order = { query: 'please', sort: 'date' as const, limit: 9, excerpts: true };
    const { hits } = await searching.search(order, 'eve');
    const quoted = hits.filter(({ excerpts }) => excerpts !== undefined);
    expect(hits).toHaveLength(4);
    expect(quoted.map(({ digest }) => digest)).toEqual([archive.message(good).digest]);
    expect(quoted[0]?.excerpts?.[0]?.text).toContain('please read me');
  });
});

test('a large message reads in its thread as a small one does on the spot', async () => {
  await using folder = await TemporaryFolder.make();
  await using archive = await WholeArchive.open(folder.path);
  await archive.capture([good]);
  const message = archive.message(good);
  expect(await archive.reader.text(message)).toBe(messageText(parseMessage(good)));
  expect(await archive.reader.headers(message)).toBe(headerText(good));
});
