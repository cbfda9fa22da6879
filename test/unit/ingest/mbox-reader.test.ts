import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
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

  test('a message too large for memory goes to a file, unquoted and cut as one in memory', async () => {
    const line = 'x'.repeat(70);
    const body = Array.from({ length: 40_000 }, (_, n) => (n % 1000 === 7 ? `>From ${n}\n` : `${line} ${n}\n`)).join(
      '',
    );
    const long = `${'>'.repeat(300_000)}From y\n${'z'.repeat(1_500_000)}\n`;
    const file = Buffer.from(`${from}\nA: 1\n\n${body}${long}\n${from}\nB: 2\n\nend\n`);
    const small = await read(file, 'mboxrd');
    const large = await read(file, 'mboxrd', 200_000);
    expect(large.map((message) => 'file' in message.content)).toEqual([true, false]);
    expect(large.map(({ digest, offset, size }) => ({ digest, offset, size }))).toEqual(
      small.map(({ digest, offset, size }) => ({ digest, offset, size })),
    );
    const [first] = await Promise.all(large.map(bytesOf));
    expect(first === undefined ? undefined : digestOf(first)).toBe(small[0]?.digest);
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
        async (bodies, max) => {
          const written = bodies.map((body) => `${from}\n${body.replace(/^(>*From )/gmu, '>$1')}\n`).join('');
          const messages = await read(Buffer.from(written), 'mboxrd', max);
          expect((await Promise.all(messages.map(bytesOf))).map(String)).toEqual(bodies);
        },
      ),
      { seed: 11, numRuns: 60 },
    );
  });
});
