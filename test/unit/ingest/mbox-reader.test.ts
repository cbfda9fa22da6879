import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '#kernel';
import type { ReadAt } from '../../../services/ingest/sources/file-window.ts';
import type { MboxVariant } from '../../../services/ingest/sources/mbox-quoting.ts';
import { mboxMessages, type MboxMessage } from '../../../services/ingest/sources/mbox-reader.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-mbox-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function reading(file: Buffer): ReadAt {
  return async (buffer, position) => await Promise.resolve(file.copy(buffer, 0, position, position + buffer.length));
}

async function read(file: Buffer, variant: MboxVariant = 'mboxrd', inMemoryBytesMax?: number): Promise<MboxMessage[]> {
  const options = { variant, temporaryFolder: folder, ...(inMemoryBytesMax === undefined ? {} : { inMemoryBytesMax }) };
  const all: MboxMessage[] = [];
  for await (const message of mboxMessages(reading(file), options)) all.push(message);
  return all;
}

async function bytesOf(message: MboxMessage): Promise<Buffer> {
  if ('bytes' in message.content) return message.content.bytes;
  const bytes = await readFile(message.content.file);
  await rm(message.content.file);
  return bytes;
}

async function texts(file: string, variant: MboxVariant = 'mboxrd'): Promise<string[]> {
  const messages = await read(Buffer.from(file, 'latin1'), variant);
  return (await Promise.all(messages.map(bytesOf))).map((bytes) => bytes.toString('latin1'));
}

const from = 'From a@example.org Mon Jan  1 00:00:00 2024';

describe('an mbox file', () => {
  test('the separating blank line is not part of the message, nor the one at the end of the file', async () => {
    expect(await texts(`${from}\nA: 1\n\nbody\n\n${from}\nB: 2\n\nbody\n\n`)).toEqual([
      'A: 1\n\nbody\n',
      'B: 2\n\nbody\n',
    ]);
  });

  test('only one blank line separates; others belong to the message', async () => {
    expect(await texts(`${from}\nA: 1\n\nbody\n\n\n\n${from}\nB: 2\n\nbody`)).toEqual([
      'A: 1\n\nbody\n\n\n',
      'B: 2\n\nbody',
    ]);
  });

  test('CRLF is kept, and its blank line recognised', async () => {
    expect(await texts(`${from}\r\nA: 1\r\n\r\nbody\r\n\r\n${from}\r\nB: 2\r\n\r\nx\r\n`)).toEqual([
      'A: 1\r\n\r\nbody\r\n',
      'B: 2\r\n\r\nx\r\n',
    ]);
  });

  test('a From line without a blank line before it separates as well', async () => {
    expect(await texts(`${from}\nA: 1\n\nbody\n${from}\nB: 2\n\nx\n`)).toEqual(['A: 1\n\nbody\n', 'B: 2\n\nx\n']);
  });

  test('empty messages are messages', async () => {
    expect(await texts(`${from}\n\n${from}\n${from}\n${from}`)).toEqual(['', '', '', '']);
  });

  test('mboxrd takes one > from every >*From line; mboxo only the one of >From', async () => {
    const quoted = `${from}\nA: 1\n\n>From a\n>>From b\n>>>From c\nx >From d\n>Fromage\n > From\n`;
    expect(await texts(quoted, 'mboxrd')).toEqual([
      'A: 1\n\nFrom a\n>From b\n>>From c\nx >From d\n>Fromage\n > From\n',
    ]);
    expect(await texts(quoted, 'mboxo')).toEqual([
      'A: 1\n\nFrom a\n>>From b\n>>>From c\nx >From d\n>Fromage\n > From\n',
    ]);
  });

  test('what looks like no separator stays in the body, every byte of it', async () => {
    const kept = [
      'From here on the price is 3 EUR',
      'From 10:30 until 12:00 we met',
      'From a@example.org 7 Nov 2023 12:00:00',
      'From a@example.org Mon Jan  1 00:00:00 2024 on, all was well',
      'From Tue Nov  7 12:00:00 2023',
      'From a@example.org Mon Jan 32 00:00:00 2024',
      'From a@example.org Mon Jan  1 24:61:00 2024',
      `From ${'x'.repeat(5000)} tail`,
      `From ${'x'.repeat(5000)} Mon Jan  1 00:00:00 2024`,
      'From ',
    ];
    for (const line of kept) {
      const body = `A: 1\n\nbefore\n${line}\nafter\n\n${line}\n\nFrom there:\nhttp://example.org\n${line}`;
      expect(await texts(`${from}\n${body}\n\n${from}\nB: 2\n\nx\n`)).toEqual([`${body}\n`, 'B: 2\n\nx\n']);
    }
  });

  test.each([
    'From a@example.org Tue Nov  7 12:00:00 2023',
    'From a@example.org  Tue Nov 07 12:00:00 2023  ',
    'From - Tue Nov  7 12:00:00 2023',
    'From ???@??? Tue Nov  7 12:00:00 2023',
    'From a b <a@example.org> Tue Nov  7 1:00:00 2023',
    'From a@example.org Tue Nov  7 12:00 2023',
    'From a@example.org Tue Nov  7 12:00:00 PST 2023',
    'From a@example.org Tue Nov  7 12:00:00 MET DST 1995',
    'From a@example.org Tue Nov  7 12:00:00 +0100 2023',
    'From a@example.org Tue Nov  7 12:00:00 2023 +0100',
    'From a@example.org Tue Nov  7 12:00:00 2023 PST',
    'From a@example.org Tue Nov  7 12:00:00 2023 -0800 (PST)',
    'From a@example.org Tue Nov  7 12:00:00 95',
    'From a@example.org Tue Nov  7 12:00:00 1995 remote from ihnp4',
    'From a@example.org Wed, 2 May 2001 10:10:26 +0200',
  ])('%s separates wherever it stands', async (line) => {
    expect(await texts(`${line}\nA: 1\n\nbody\n${line}\nno field\n`)).toEqual(['A: 1\n\nbody\n', 'no field\n']);
  });

  test.each(['From -', 'From ???@???', 'From a@example.org', 'From a@example.org 2023-11-07 12:00:00', 'From '])(
    '%s separates between a blank line and a header field; without a date it stays with the message, or is a placeholder',
    async (line) => {
      const kept = ['From -', 'From ???@???'].includes(line) ? [] : [line];
      for (const eol of ['\n', '\r\n']) {
        const file = [line, 'A: 1', '', 'x', '', line, 'B: 2', '', 'y', '', line, '>From z', 'C: 3', ''].join(eol);
        expect(await texts(file)).toEqual([
          [...kept, 'A: 1', '', 'x', ''].join(eol),
          [...kept, 'B: 2', '', 'y', ''].join(eol),
          [...kept, 'From z', 'C: 3', ''].join(eol),
        ]);
      }
      const body = `A: 1\n\nx\n\n${line}\nno field\n\n${line}\n`;
      expect(await texts(`${from}\n${body}`)).toEqual([body]);
    },
  );

  test('prose that looks like a separator is kept: its words are in the message that begins with it', async () => {
    const prose = 'From Frobnitz I got the money';
    const file = `${from}\nA: 1\n\nbody\n\n${prose}\nNote: count it\n\nx\n`;
    expect(await texts(file)).toEqual(['A: 1\n\nbody\n', `${prose}\nNote: count it\n\nx\n`]);
    const large = Buffer.from(`${from}\nA: 1\n\nbody\n\n${prose}\nNote: ${'z'.repeat(400_000)}\n\n${from}\nB: 2\n`);
    const [, second, third, ...none] = await read(large, 'mboxrd', 1000);
    expect([second?.fromLine, third?.fromLine, none.length]).toEqual([prose, from, 0]);
    const bytes = second === undefined ? undefined : await bytesOf(second);
    expect(bytes?.toString()).toBe(`${prose}\nNote: ${'z'.repeat(400_000)}\n`);
  });

  test('a header field alone makes a separator only behind the placeholders of Netscape and Eudora', async () => {
    for (const line of ['From -', 'From - ', 'From ???@???'])
      expect(await texts(`${line}\nA: 1\n\nx\n${line}\nB: 2\n`)).toEqual(['A: 1\n\nx\n', 'B: 2\n']);
    for (const line of ['From a@example.org', 'From - to', 'From me', 'From '])
      expect(await texts(`${from}\nA: 1\n\nx\n${line}\nB: 2\n`)).toEqual([`A: 1\n\nx\n${line}\nB: 2\n`]);
  });

  test('no byte is lost: each is a message’s, or of a separator or the blank line before it', async () => {
    const line = fc.constantFrom(from, 'From -', 'From me', 'From ', 'A: 1', '', '', 'x', 'z'.repeat(50_000));
    const eol = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40 }), eol, async (lines, end) => {
        const file = Buffer.from([from, ...lines].join(end));
        const messages = await read(file, 'mboxo');
        let at = 0;
        for (const { fromLine, offset, size, content } of messages) {
          const gap = file.toString('latin1', at, offset);
          const kept = fromLine === 'From me' || fromLine === 'From ';
          const line = kept ? '' : fromLine;
          expect([line, end + line].flatMap((text) => (kept ? [text] : [text, text + end]))).toContain(gap);
          expect('bytes' in content && content.bytes.equals(file.subarray(offset, offset + size))).toBe(true);
          at = offset + size;
        }
        expect(['', end]).toContain(file.toString('latin1', at));
        const pieces = await read(file, 'mboxo', 1000);
        expect(pieces.map(({ digest, offset }) => [digest, offset])).toEqual(
          messages.map(({ digest, offset }) => [digest, offset]),
        );
        await Promise.all(pieces.map(bytesOf));
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  test('lines that end with CR alone are lines where the first one does, and stay as they are', async () => {
    const mac = `${from}\rA: 1\r\rbody\rFrom the start\r>From x\r\r${from}\rB: 2\r\r\r\r${from}\r\rFrom -\rC: 3\r`;
    expect(await texts(mac)).toEqual(['A: 1\r\rbody\rFrom the start\rFrom x\r', 'B: 2\r\r\r', '', 'C: 3\r']);
    const mixed = `${from}\rA: 1\r\rbody\r\n\r\n${from}\nB: 2\n\nx\n\n${from}\r\nC: 3\r\n\r\ny\r`;
    expect(await texts(mixed)).toEqual(['A: 1\r\rbody\r\n', 'B: 2\n\nx\n', 'C: 3\r\n\r\ny\r']);
    expect((await read(Buffer.from(mac))).map(({ fromLine }) => fromLine)).toEqual([from, from, from, 'From -']);
  });

  test('CR alone ends no line where the first line ends otherwise', async () => {
    for (const eol of ['\n', '\r\n', '\r\r\n']) {
      const body = `A: 1${eol}${eol}x\r${from}\rB: 2\r`;
      expect(await texts(`${from}${eol}${body}`)).toEqual([body]);
    }
  });

  test('white space alone is kept as a message’s bytes; only a blank line between two separators is none', async () => {
    expect(await texts(`${from}\n   \n\n`)).toEqual(['   \n']);
    expect(await texts(`${from}\n\n`)).toEqual(['\n']);
    expect(await texts(`${from}\r\n\r\n`)).toEqual(['\r\n']);
    expect(await texts(`${from}\r\r`)).toEqual(['\r']);
    expect(await texts(`${from}\n\n${from}\n \n${from}`)).toEqual(['', ' \n', '']);
  });

  test('a file that does not begin with a separator is refused, never read as an empty message', async () => {
    for (const file of [`From ${'x'.repeat(2000)} Mon Jan  1 00:00:00 2024\nA: 1\n`, 'From here\nto there\n', 'A: 1\n'])
      await expect(read(Buffer.from(file))).rejects.toThrow(/"From " line/u);
  });

  test.each(['\n', '\r\n', '\r'])('a separator is found wherever a chunk ends, with %j', async (eol) => {
    const next = ['From -', 'B: 2', '', 'y', ''].join(eol);
    for (let shift = -24; shift <= 4; shift += 1) {
      const head = [from, 'A: 1', '', ''].join(eol);
      const body = 'z'.repeat(1024 * 1024 + shift - head.length) + eol;
      const [first, second, ...others] = await texts(head + body + eol + next);
      expect(first).toHaveLength(head.length - from.length - eol.length + body.length);
      expect([second, ...others]).toEqual([['B: 2', '', 'y', ''].join(eol)]);
    }
  });

  test('offset is where the message’s bytes begin, the From line is kept as it was', async () => {
    const file = Buffer.from(`${from}\r\nA: 1\r\n\r\nbody\r\n\r\nFrom b\xe4 x\nB: 2\n`, 'latin1');
    const messages = await read(file);
    expect(messages.map((message) => message.fromLine)).toEqual([from, 'From bä x']);
    for (const message of messages) {
      const bytes = await bytesOf(message);
      expect(file.subarray(message.offset, message.offset + bytes.length).equals(bytes)).toBe(true);
      expect(message.digest).toBe(digestOf(bytes));
    }
  });

  test.each(['\n', '\r'])(
    'a message too large for memory goes to a file, cut as one in memory, with %j',
    async (eol) => {
      const line = 'x'.repeat(70);
      const body = Array.from({ length: 40_000 }, (_, n) => (n % 1000 === 7 ? `>From ${n}\n` : `${line} ${n}\n`)).join(
        '',
      );
      const long = `${'>'.repeat(300_000)}From y\n${'z'.repeat(1_500_000)}\n`;
      const text = `${from}\nA: 1\n\n${body}${long}\n${from}\nB: 2\n\nend\n`;
      const file = Buffer.from(text.replaceAll('\n', eol));
      const small = await read(file, 'mboxrd');
      const large = await read(file, 'mboxrd', 200_000);
      expect(large.map((message) => 'file' in message.content)).toEqual([true, false]);
      expect(large.map(({ digest, offset, size }) => ({ digest, offset, size }))).toEqual(
        small.map(({ digest, offset, size }) => ({ digest, offset, size })),
      );
      const [first] = await Promise.all(large.map(bytesOf));
      expect(first === undefined ? undefined : digestOf(first)).toBe(small[0]?.digest);
    },
  );

  test('however dense the lines are that begin like a separator, no more is read ahead than is held', async () => {
    const dense = 'From here to there\n'.repeat(600_000);
    const file = Buffer.from(`${from}\nA: 1\n\n${dense}\n${from}\nB: 2\n`);
    const own = await mkdtemp(join(folder, 'dense-'));
    let ahead = 0;
    const readAt: ReadAt = async (buffer, position) => {
      const written = (await readdir(own)).map((name) => statSync(join(own, name)).size);
      ahead = Math.max(ahead, position - written.reduce((sum, size) => sum + size, 0));
      return file.copy(buffer, 0, position);
    };
    const sizes: number[] = [];
    for await (const message of mboxMessages(readAt, {
      variant: 'mboxrd',
      temporaryFolder: own,
      inMemoryBytesMax: 1_000_000,
    })) {
      sizes.push(message.size);
      await bytesOf(message);
    }
    expect(sizes).toEqual(['A: 1\n\n'.length + dense.length, 'B: 2\n'.length]);
    expect(ahead).toBeLessThan(4_000_000);
  });

  test('invariant 2: what an mboxrd writer wrote is read back byte for byte, across chunk and memory limits', async () => {
    const line = fc.constantFrom(
      'From x',
      '>From y',
      '>>From z',
      '',
      'body',
      '> From',
      'F',
      'From',
      '>',
      'z'.repeat(50_000),
    );
    const message = fc
      .array(line, { minLength: 1, maxLength: 12 })
      .map((lines) => lines.map((text) => `${text}\n`).join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(1000, undefined),
        fc.constantFrom('\n', '\r\n', '\r'),
        async (bodies, max, eol) => {
          const written = bodies.map((body) => `${from}\n${body.replace(/^(>*From )/gmu, '>$1')}\n`).join('');
          const messages = await read(Buffer.from(written.replaceAll('\n', eol)), 'mboxrd', max);
          const contents = (await Promise.all(messages.map(bytesOf))).map(String);
          expect(contents).toEqual(bodies.map((body) => body.replaceAll('\n', eol)));
        },
      ),
      { seed: 11, numRuns: 60 },
    );
  });
});
