import { afterAll, describe, expect, test } from '@jest/globals';
import { ParsingPool } from '#ingest';
import { readBytes } from '../../../services/ingest/read-message.ts';
import { decodeDocument, parseQuery } from '#search';
import { SecondView } from '../../../services/ingest/second-view.ts';
import { noFacts } from '../../contract/search-document.ts';
import { letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const worker = new URL('./stand-ins/failing-worker.ts', import.meta.url);
const child = new URL('./stand-ins/failing-child.ts', import.meta.url);
const itemOf = (bytes: Buffer) => ({ content: { bytes }, size: bytes.length });
const asking = (what: string) => itemOf(Buffer.from(`Subject: x\r\n\r\nplease ${what}\r\n`));
const good = (number: number) => itemOf(letter(number));
const flagsOf = (read: readonly { readonly flags: readonly string[] }[]) => read.map(({ flags }) => flags.join(' '));

describe('the parsing pool (invariants 9, 33)', () => {
  test.each([
    ['hang', 'parse-timeout'],
    ['throw', 'parse-failed'],
    ['end', 'parse-failed'],
    ['grow', 'parse-failed'],
  ])('flags only the message that makes a thread %s, among those read together', async (what, flag) => {
    await using pool = new ParsingPool(1, { worker, messageTimeMaxMs: 4000 });
    const read = await pool.read([good(1), asking(what), good(2)]);
    expect(flagsOf(read)).toEqual(['', flag, '']);
    expect(decodeDocument(read[2]?.encoded ?? Buffer.alloc(0)).columns.subject).toBe('letter 2');
  });

  test.each([['hang'], ['throw'], ['end']])(
    'flags only it, among those asked for at the same time: %s',
    async (what) => {
      await using pool = new ParsingPool(1, { worker, messageTimeMaxMs: 4000 });
      const reads = await Promise.all([good(1), asking(what), good(2), good(3)].map((item) => pool.read([item])));
      expect(reads.flatMap(flagsOf).map((flags) => flags !== '')).toEqual([false, true, false, false]);
    },
  );

  test('answers in order, by several threads, and for nothing', async () => {
    await using pool = new ParsingPool(3);
    expect(await pool.read([])).toEqual([]);
    const read = await pool.read([1, 2, 3, 4, 5, 6, 7].map(good));
    expect(read).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((number) => expect.objectContaining({ encoded: readBytes(letter(number)).encoded })),
    );
  });

  test('answers what was asked before it was stopped', async () => {
    const pool = new ParsingPool(1, { worker, messageTimeMaxMs: 4000 });
    const reading = pool.read([asking('hang'), good(1)]);
    await pool[Symbol.asyncDispose]();
    expect(flagsOf(await reading)).toEqual(['parse-timeout', '']);
  });
});

describe('the second view (invariants 9, 33)', () => {
  const first = readBytes(letter(1));
  const bytesAsking = (what: string) => Buffer.from(`please ${what}`);
  const bodyOf = (encoded: Uint8Array) => decodeDocument(encoded).columns.body;

  test.each(['hang', 'grow', 'end'])(
    'is done without when the other parser should %s, and works again after that',
    async (what) => {
      await using view = new SecondView({
        child,
        timeMaxMs: what === 'hang' ? 6000 : 30_000,
        residentBytesMax: 250 * 1024 * 1024,
      });
      expect(await view.widen(first, bytesAsking(what))).toBe(first);
      expect(bodyOf((await view.widen(first, bytesAsking('answer'))).encoded)).toContain('seen by');
    },
  );

  test('starts another child when the last one died between two messages', async () => {
    await using view = new SecondView({ child, timeMaxMs: 30_000 });
    const before = await view.widen(first, bytesAsking('answer, then end'));
    const pid = /seen by (\d+)/u.exec(bodyOf(before.encoded) ?? '')?.[1];
    while (isAlive(Number(pid))) await new Promise((resolve) => setImmediate(resolve));
    const after = await view.widen(first, bytesAsking('answer'));
    expect(bodyOf(after.encoded)).toContain('seen by');
    expect(bodyOf(after.encoded)).not.toContain(pid);
  });

  test('answers one after the other, whoever asks at the same time', async () => {
    await using view = new SecondView({ child, timeMaxMs: 6000 });
    const widened = await Promise.all(['answer', 'hang', 'answer'].map((what) => view.widen(first, bytesAsking(what))));
    expect(widened.map((one) => one !== first)).toEqual([true, false, true]);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a message that two programs read differently', () => {
  const folder = TemporaryFolder.make();
  afterAll(async () => (await folder)[Symbol.asyncDispose]());

  test('is found by what either of them sees', async () => {
    await using archive = await WholeArchive.open((await folder).path);
    const part = (boundary: string, word: string) =>
      `--${boundary}\r\nContent-Type: text/plain\r\n\r\n${word}\r\n--${boundary}--\r\n`;
    const header =
      'From: a@example.org\r\nSubject: two\r\nContent-Type: multipart/mixed; boundary=one; boundary=two\r\n\r\n';
    await archive.capture([Buffer.from(header + part('one', 'firstword') + part('two', 'secondword'))]);
    for (const word of ['firstword', 'secondword']) {
      expect((await archive.index.count({ query: parseQuery(word), facts: noFacts })).total).toBe(1);
    }
  });

  test('says nothing that it does not say: not the moment of reading, where a date cannot be read (invariant 23)', async () => {
    await using archive = await WholeArchive.open((await folder).path);
    const outer =
      'From: a@example.org\r\nSubject: one\r\nSubject: two\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';
    const inner = 'From: x@example.org\r\nDate: last week\r\nSubject: inner\r\n\r\nenclosed';
    const enclosed = `Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n${inner}`;
    await archive.capture([Buffer.from(`${outer}--b\r\n\r\nhere\r\n--b\r\n${enclosed}\r\n--b--\r\n`)]);
    const totalOf = async (query: string) =>
      (await archive.index.count({ query: parseQuery(query), facts: noFacts })).total;
    expect(await totalOf('enclosed')).toBe(1);
    expect(await totalOf(`"${new Date().getUTCFullYear()}"`)).toBe(0);
  });
});
