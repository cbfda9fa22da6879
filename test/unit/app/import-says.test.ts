import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Muniment } from '../../muniment.ts';
import { letter } from '../../whole-archive.ts';

describe('import says', () => {
  let muniment: Muniment;

  beforeEach(async () => {
    muniment = await Muniment.make();
  });
  afterEach(() => muniment[Symbol.asyncDispose]());

  async function write(path: string, bytes: Buffer | string): Promise<void> {
    await mkdir(dirname(muniment.path('mail', path)), { recursive: true });
    await writeFile(muniment.path('mail', path), bytes);
  }

  test('whose it took the mail to be, most first', async () => {
    await write('inbox/1.eml', letter(1));
    for (const number of [2, 3]) await write(`sent/${number}.eml`, letter(number));
    const { json, stderr } = await muniment.ok('import', muniment.path('mail'));
    expect(json[0]).toMatchObject({ found: 3, custodians: { sent: 2, inbox: 1 } });
    expect(stderr).toContain('custodians: sent 2, inbox 1\n');
    expect(stderr).not.toContain('--format eml');
  });

  test('no more than ten of them to people, and all to programs', async () => {
    for (let number = 1; number <= 12; number += 1) await write(`person-${number}/1.eml`, letter(number));
    const { json, stderr } = await muniment.ok('import', muniment.path('mail'));
    expect(Object.keys(json[0]?.['custodians'] ?? {})).toHaveLength(12);
    expect(stderr).toMatch(/^custodians: person-1 1, (?:person-\d+ 1, ){8}person-\d+ 1 and 2 more$/mu);
  });

  test('what to do where it found nothing', async () => {
    await mkdir(muniment.path('mail'));
    const { json, stderr } = await muniment.ok('import', muniment.path('mail'));
    expect(json[0]).toMatchObject({ found: 0, custodians: {} });
    expect(stderr).toContain('Nothing was found: give folders with EML files or Maildirs');
    expect(stderr).not.toContain('--format eml');
  });

  test('why it ignored a file that begins like mail, and how to have it taken', async () => {
    await write('ada/mail.txt', letter(1));
    await write('ada/notes.txt', 'some notes\n');
    const ignored = await muniment.ok('import', muniment.path('mail'));
    expect(ignored.json[0]).toMatchObject({ found: 0, ignored: 2 });
    expect(ignored.stderr).toContain(
      'ada/mail.txt: begins with what may be a header field, but its name is not that of mail',
    );
    expect(ignored.stderr).toContain('ada/notes.txt: neither its name nor its beginning is that of mail');
    expect(ignored.stderr).toContain('--format eml takes every file');
    const taken = await muniment.ok('import', muniment.path('mail'), '--format', 'eml');
    expect(taken.json[0]).toMatchObject({ found: 2, ignored: 0, custodians: { ada: 2 } });
  });
});
