import { describe, expect, test } from '@jest/globals';
import type { EntryOf } from '#ledger';
import { Searching } from '#reading';
import { csvBytes, csvLine } from '../../../services/app/cli/csv.ts';
import { TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

function mail(subject: string, date: string, body: string): Buffer {
  return Buffer.from(`Subject: ${subject}\r\nDate: ${date}\r\n\r\n${body}\r\n`);
}

const letters = [
  mail('one', 'Mon, 14 May 2001 12:00:00 +0000', 'heron and bridge'),
  mail('two', 'Tue, 15 May 2001 12:00:00 +0000', 'heron'),
  mail('three', 'Wed, 16 May 2001 12:00:00 +0000', 'the bridge is closed'),
  Buffer.from('Subject: four\r\n\r\nheron, undated\r\n'),
];

async function searchesIn({ recorder }: WholeArchive): Promise<EntryOf<'search'>[]> {
  const found: EntryOf<'search'>[] = [];
  for await (const { entries } of recorder.ledger.read(0)) {
    for (const entry of entries) if (entry.kind === 'search') found.push(entry);
  }
  return found;
}

async function open(folder: TemporaryFolder): Promise<{ archive: WholeArchive; searching: Searching }> {
  const archive = await WholeArchive.open(folder.path);
  await archive.capture(letters.slice(0, 2), 'ada');
  await archive.capture(letters.slice(1), 'bo');
  return { archive, searching: new Searching(archive.recorder, archive.reader, archive.index) };
}

describe('a search term report', () => {
  test('counts each message once for each term, for those that find it alone, and for each custodian', async () => {
    await using folder = await TemporaryFolder.make();
    const { archive, searching } = await open(folder);
    await using _archive = archive;
    const done: number[] = [];
    const terms = ['heron', 'bridge', 'custodian:ada', 'nowhere', 'closed'];
    const report = await searching.terms(terms, undefined, 'eve', (count) => done.push(count));
    const day = (of: number) => Date.UTC(2001, 4, of, 12);
    expect(report.terms).toEqual([
      { term: 'heron', messages: 3, unique: 1, first: day(14), last: day(15), custodians: counted({ ada: 2, bo: 2 }) },
      { term: 'bridge', messages: 2, unique: 0, first: day(14), last: day(16), custodians: counted({ ada: 1, bo: 1 }) },
      {
        term: 'custodian:ada',
        messages: 2,
        unique: 0,
        first: day(14),
        last: day(15),
        custodians: counted({ ada: 2, bo: 1 }),
      },
      { term: 'nowhere', messages: 0, unique: 0, first: null, last: null, custodians: counted({}) },
      { term: 'closed', messages: 1, unique: 0, first: day(16), last: day(16), custodians: counted({ bo: 1 }) },
    ]);
    expect(report).toMatchObject({ messages: 4, complete: true });
    expect(done).toEqual([1, 2, 3, 4, 5]);
    const searches = await searchesIn(archive);
    expect(searches.map(({ aside }) => Object.hasOwn(Object(aside), 'hits'))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(searches.every(({ set }) => set !== undefined)).toBe(true);
    expect(searches.map(({ actor, total, shown }) => [actor, total, shown])).toEqual(
      [3, 2, 2, 0, 1].map((total) => ['eve', total, 0]),
    );
  });

  test('is as of a sequence: what was captured and seen by then', async () => {
    await using folder = await TemporaryFolder.make();
    const { archive, searching } = await open(folder);
    await using _archive = archive;
    const asOf = archive.message(letters[1] ?? Buffer.alloc(0)).sequence;
    const { terms, messages } = await searching.terms(['heron', 'bridge'], asOf, 'eve');
    expect(terms.map((hits) => [hits.messages, hits.unique, [...hits.custodians]])).toEqual([
      [2, 1, [['ada', 2]]],
      [1, 0, [['ada', 1]]],
    ]);
    expect(messages).toBe(2);
  });

  test('a term that takes too much is named with its place, and none is reported', async () => {
    await using folder = await TemporaryFolder.make();
    const { archive } = await open(folder);
    await using _archive = archive;
    const hasty = new Searching(archive.recorder, archive.reader, archive.index, { querySeconds: 0 });
    const asked = hasty.terms(['heron'], undefined, 'eve');
    await expect(asked).rejects.toMatchObject({ code: 'query-too-costly', facts: { term: 1 } });
    expect(await searchesIn(archive)).toEqual([]);
  });

  test('a term that is wrong is named with its place, and none is searched for', async () => {
    await using folder = await TemporaryFolder.make();
    const { archive, searching } = await open(folder);
    await using _archive = archive;
    const asked = searching.terms(['heron', 'bridge AND'], undefined, 'eve');
    await expect(asked).rejects.toMatchObject({ code: 'query-invalid', facts: { term: 2, position: 10 } });
    await expect(searching.terms([], undefined, 'eve')).rejects.toMatchObject({ code: 'no-terms' });
    const many = Array.from({ length: 2_001 }, () => 'heron');
    await expect(searching.terms(many, undefined, 'eve')).rejects.toMatchObject({ code: 'no-terms' });
    expect(await searchesIn(archive)).toEqual([]);
  });
});

function counted(shares: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(shares));
}

test.each([
  [['a', 1, null], 'a,1,'],
  [['a,b', 'say "c"', 'two\nlines', 'a;b', 'a\tb'], '"a,b","say ""c""","two\nlines","a;b","a\tb"'],
  [['=1+1', '+1', '-1', '@x', '\tx', -1], `'=1+1,'+1,'-1,'@x,"'\tx",-1`],
  [['=a,b'], `"'=a,b"`],
  [['\u00a0=1', '\ufeff=1', '\u200b\u00ad+1', '\uff1d1', ' @x'], `'\u00a0=1,'\ufeff=1,'\u200b\u00ad+1,'\uff1d1,' @x`],
  [['a, -1', '2001-10-05', 'a=b', 'Re: +1; x@y.example'], '"a, -1",2001-10-05,a=b,"Re: +1; x@y.example"'],
  [['x;=1+1;y', 'Ada <a@b.example>; @c'], `"x;'=1+1;y","Ada <a@b.example>; '@c"`],
])('%j is the CSV record %s', (cells, line) => {
  expect(csvLine(cells)).toBe(line);
});

const hostileCells = [
  'x;=1+1;y',
  '"a;=1+1;" <a@b.example>',
  'x;"=1+1;y',
  'x; =1',
  'x;\u00a0""\uff1d1',
  'x\n=1',
  'x\t=1\t',
  '\n=1',
  ';=1;',
];

test.each([',', ';', '\t'])('no cell is a formula for a program that divides CSV by %j', (divider) => {
  for (const cell of hostileCells) {
    const read = cellsDivided(`${csvLine(['digest', cell, 1])}\r\n${csvLine([cell, 'b'])}\r\n`, divider);
    expect(read.length).toBeGreaterThan(1);
    expect(read.filter((one) => /^\s*[=+@\uff1d-]/u.test(one))).toEqual([]);
  }
});

/** As spreadsheets do: a quotation mark counts where a cell begins, until the next that is not doubled. */
function cellsDivided(text: string, divider: string): string[] {
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"?)?([^${divider}\\r\\n]*)(?:${divider}|\\r\\n|\\r|\\n|$)`, 'gu');
  return Array.from(text.matchAll(cell), ([, quoted = '', plain = '']) => quoted.replaceAll('""', '"') + plain);
}

test('a CSV file is UTF-8 that begins with a byte order mark, once', () => {
  expect(csvBytes([['from']], true).toString('hex')).toBe(`efbbbf${Buffer.from('from\r\n').toString('hex')}`);
  expect(csvBytes([['佐伯健']], false).toString()).toBe('佐伯健\r\n');
});
