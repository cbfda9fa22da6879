import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { digestOf } from '#kernel';
import { Muniment } from '../muniment.ts';
import { letter } from '../whole-archive.ts';

const large = Buffer.from(`Subject: large\r\n\r\n${'line\r\n'.repeat(100_000)}`);
let muniment: Muniment;

beforeAll(async () => {
  muniment = await Muniment.make();
  await mkdir(muniment.path('ada'));
  await writeFile(muniment.path('ada', '1.eml'), letter(1));
  await writeFile(muniment.path('ada', '2.eml'), large);
  await muniment.ok('import', muniment.path('ada'));
});
afterAll(async () => {
  await muniment[Symbol.asyncDispose]();
});

/** The same archive, asked by a shell that sends standard output elsewhere. */
function sending(redirection: string): Promise<Muniment> {
  return Muniment.make({ copyOf: muniment.archive, under: ['sh', '-c', redirection, 'sh'] });
}

test.each([
  ['search', 'letter'],
  ['show', digestOf(letter(1)), '--text'],
  ['show', digestOf(large), '--raw'],
  ['status'],
  ['--help'],
])('an answer that finds no room is no success: %s %s', async (...words) => {
  await using full = await sending('exec "$@" > /dev/full');
  const { code, stderr } = await full.run(...words);
  expect(code).toBe(2);
  expect(stderr).toContain('could not be written to standard output: ENOSPC');
});

test('nor is one of which only a part found room', async () => {
  await using limited = await sending('ulimit -f 100; exec "$@" > part');
  const { code, stderr } = await limited.run('show', digestOf(large), '--raw');
  expect(code).toBe(2);
  expect(stderr).toContain('could not be written to standard output: EFBIG');
  const part = await readFile(limited.path('part'));
  expect(part.length).toBeLessThan(large.length);
});

test('a file gets all of it', async () => {
  await using file = await sending('exec "$@" > whole');
  await file.ok('show', digestOf(large), '--raw');
  expect(digestOf(await readFile(file.path('whole')))).toBe(digestOf(large));
});

test('who stops reading is told nothing', async () => {
  await using piped = await sending('{ "$@"; echo "$?" > code; } | head -c 10');
  const { stderr } = await piped.run('show', digestOf(large), '--raw');
  expect([stderr, await readFile(piped.path('code'), 'utf8')]).toEqual(['', '141\n']);
});
