import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf } from '#kernel';
import type { FoundMessage } from '../../../services/ingest/source.ts';
import type { FileFormat } from '../../../services/ingest/sources/candidates.ts';
import { FileSource } from '../../../services/ingest/sources/file-source.ts';
import { OwnFolders } from '../../../services/ingest/sources/own-folders.ts';
import { UidSet } from '../../../services/ingest/uid-set.ts';

let root: string;
let temporaryFolder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muniment-files-'));
  temporaryFolder = await mkdtemp(join(tmpdir(), 'muniment-temporary-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  await rm(temporaryFolder, { recursive: true, force: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

async function collect(format: FileFormat = 'auto'): Promise<FoundMessage[]> {
  const own = new OwnFolders({ folders: [], marker: 'muniment.json' });
  const source = new FileSource({ id: 'import', path: root, format, temporaryFolder, own });
  const account = { accounted: async () => await Promise.resolve(new UidSet()) };
  const all: FoundMessage[] = [];
  for await (const found of source.sightings(account, new AbortController().signal)) {
    if (found.kind === 'message') all.push(found);
  }
  return all;
}

const mail = 'Subject: x\n\nbody\n';

describe('a file with the name of a message', () => {
  const from = 'From a@x Mon May 14 16:39:00 2001\n';
  const patch = `From ${'0f'.repeat(20)} Mon Sep 17 00:00:00 2001\n`;
  const single = `${from}${mail}`;
  const several = `${single}\n${single}`;
  const kinds = (found: readonly FoundMessage[]) => found.map(({ place, size }) => [place.format, size]);
  const inMemoryMax = 16 * 1024 * 1024;

  test.each([
    ['LF', single + '\n' + single],
    ['CRLF', (single + '\n' + single).replaceAll('\n', '\r\n')],
    ['CR', (single + '\n' + single).replaceAll('\n', '\r')],
    ['a byte order mark and blank lines', `\uFEFF\n\n${single}\n${single}`],
    ['a first message without header', `${from}no field\n\n${single}`],
    ['patches, as git writes them', `${patch}${mail}\n${patch}${mail}`],
    ['parts that end', `${from}Content-Type: multipart/mixed;\n boundary="b"\n\n--b--\n\n${single}`],
    ['prose with From before', `${single}\nFrom what I heard\n\nFrom 10:30 on: x\n\n${single}`],
  ])('that is an mbox is read as one: %s', async (_name, content) => {
    write('a/q.EML', content);
    write('a/q.mbox', content);
    const found = await collect();
    const [half, other] = [found.slice(0, found.length / 2), found.slice(found.length / 2)];
    expect(half.length).toBeGreaterThan(1);
    expect(half.map(({ digest, place }) => [digest, place.offset])).toEqual(
      other.map(({ digest, place }) => [digest, place.offset]),
    );
    expect(new Set(half.map(({ place }) => `${place.path} ${place.format}`))).toEqual(new Set(['a/q.EML mboxrd']));
  });

  test.each([
    ['a separator at its beginning', single],
    ['a separator within a paragraph', `${single}text\n${single}`],
    ['a quoted separator', `${single}\n>${single}`],
    ['a separator before no field', `${single}\n${from}no field here\n`],
    ['one without a date', `${single}\nFrom what I heard\nNote: x\n`],
    ['one without a date at its beginning', `From - \n${mail}\n${single}`],
    ['a patch within', `${single}\n${patch}${mail}`],
    ['one in a part', `${from}Content-Type: multipart/mixed; boundary=b\n\n--b\n\n${single}\n--b--\n`],
    ['one in a part without end', `${from}Content-Type: multipart/mixed; boundary=b\n\n--b\n\n${single}`],
    ['one behind a header', `${mail}\n${single}`],
  ])('stays one message, byte for byte, with %s', async (_name, content) => {
    write('a/q.eml', content);
    expect(await collect()).toMatchObject([{ place: { format: 'eml' }, digest: digestOf(Buffer.from(content)) }]);
  });

  test('that is larger than memory allows is looked through as well', async () => {
    const filler = `${`${'.'.repeat(1000)}\nFrom the desk of nobody\n`.repeat(inMemoryMax / 1024)}\n`;
    write('a/one.eml', single + filler);
    write('a/two.eml', `${single}${filler}${single}`);
    const found = await collect();
    expect(kinds(found)).toEqual([
      ['eml', single.length + filler.length],
      ['mboxrd', mail.length + filler.length - 1],
      ['mboxrd', mail.length],
    ]);
  });

  test('stays one where the format says so, and in a Maildir', async () => {
    write('a/q.eml', several);
    write('a/cur/q.eml', several);
    expect(kinds(await collect('eml'))).toEqual(Array(2).fill(['eml', several.length]));
    expect(kinds(await collect('maildir'))).toEqual([['maildir', several.length]]);
    expect(kinds(await collect())).toEqual([
      ['maildir', several.length],
      ['mboxrd', mail.length],
      ['mboxrd', mail.length],
    ]);
  });
});
