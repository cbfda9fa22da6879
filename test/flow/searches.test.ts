import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment } from '../muniment.ts';

test('on the command line: a search is repeated, divided, sampled, listed, and written as CSV', async () => {
  await using muniment = await Muniment.make();
  await writeSampleMail(muniment.path('mail'));
  await muniment.ok('import', muniment.path('mail'));

  const found = await muniment.ok('search', 'heron', '--limit', '1000');
  const [, search = ''] = /\(search (\d+)\)/u.exec(found.stderr) ?? [];
  const [counted] = (await muniment.ok('search', 'heron', '--count')).json;
  expect(counted).toMatchObject({ total: found.json.length, complete: true, set: expect.any(String) });

  const repeated = await muniment.ok('search', '--repeat', search);
  expect(repeated.json).toMatchObject([{ result: 'same', set: counted?.['set'], search: Number(search) }]);
  const [victim] = found.json;
  await muniment.ok('dispose', String(victim?.['digest']), '--reason', 'expired');
  const again = await muniment.run('search', '--repeat', search);
  expect(again.code).toBe(1);
  expect(again.json).toMatchObject([
    { difference: 'missing', digest: victim?.['digest'], order: expect.any(String) },
    { result: 'different', recorded: found.json.length, total: found.json.length - 1, destroyedSince: 1 },
  ]);

  const facets = await muniment.ok('search', 'heron', '--facets', 'custodian,month');
  const months = facets.json.filter(({ facet }) => facet === 'month');
  expect(months.reduce((sum, { messages }) => sum + Number(messages), 0)).toBe(found.json.length - 1);

  const sample = await muniment.ok('search', '--sample', '90%', '20%', 'heron', '--seed', 'matter 7');
  expect((await muniment.ok('search', 'heron', '--sample', '90', '20', '--seed', 'matter 7')).json).toEqual(
    sample.json,
  );
  expect(sample.json.length).toBeLessThan(found.json.length);

  const excerpts = (await muniment.ok('search', 'heron', '--excerpts', '--limit', '1')).json[0]?.['excerpts'];
  expect(excerpts).toMatchObject([{ text: expect.stringMatching(/heron/iu), highlights: [expect.any(Array)] }]);

  const csv = (await muniment.ok('search', 'heron', '--csv', '--limit', '1000')).stdout.toString().split('\r\n');
  expect(csv[0]).toBe('\ufeffdigest,sequence,date,from,to,subject,custodians,size,attachments,flags');
  expect(csv).toHaveLength(found.json.length + 1);

  const searches = (await muniment.ok('searches', '--limit', '3')).json;
  expect(searches.map(({ actor, query }) => [actor, query])).toEqual(Array.from({ length: 3 }, () => ['cli', 'heron']));

  for (const wrong of [
    ['heron', '--count', '--facets', 'month'],
    ['heron', '--repeat', search],
    ['heron', '--csv', '--count'],
    ['heron', '--facets', 'colour'],
    ['heron', '--fold', '--count'],
    ['heron', '--sample', '95%'],
  ]) {
    expect((await muniment.run('search', ...wrong)).code).toBe(64);
  }
});

test('on the command line: copies are folded and found, and so is the thread of a message', async () => {
  await using muniment = await Muniment.make();
  await writeSampleMail(muniment.path('mail'));
  await muniment.ok('import', muniment.path('mail'));

  const folded = await muniment.ok('search', '*', '--fold', '--limit', '1000');
  const [, left, total] = /of (\d+) hits, which are (\d+) messages with all copies,/u.exec(folded.stderr) ?? [];
  const copies = folded.json.map((hit) => hit['copies'] as { messages: number; digests: string[] });
  const messages = copies.reduce((sum, one) => sum + 1 + one.messages, 0);
  expect([copies.length, messages]).toEqual([Number(left), Number(total)]);

  const copy = copies.flatMap(({ digests }) => digests)[0]?.slice(0, 12);
  const count = async (query: string) => (await muniment.ok('search', query, '--count')).json[0]?.['total'];
  expect(await count(`is:duplicate digest:${copy}`)).toBe(1);
  expect(await count('is:duplicate')).toBe(2 * (messages - copies.length));
  const thread = await muniment.ok('search', `thread:${copy}`, '--csv', '--fold');
  expect(thread.stdout.toString()).toMatch(/,flags,copies\r\n[^]*,1\r\n/u);

  const exported = await muniment.ok('export', '--query', `thread:${copy}`, '--out', muniment.path('thread'));
  expect(exported.json.at(-1)).toMatchObject({ exported: await count(`thread:${copy}`) });
});

test('on the command line: dates are of the time zone that is declared, and what is recorded means the same in any', async () => {
  await using muniment = await Muniment.make();
  await mkdir(muniment.path('mail'));
  const mail = (name: string, date: string) =>
    writeFile(muniment.path('mail', name), `From: ada@north.example\nDate: ${date}\nSubject: ${name}\n\nheron\n`);
  await mail('evening.eml', 'Tue, 7 Nov 2023 22:30:00 -0500');
  await mail('night.eml', 'Wed, 8 Nov 2023 00:30:00 -0500');
  await muniment.ok('import', muniment.path('mail'));
  const there = muniment.on(muniment.archive, { TIME_ZONE: 'America/New_York' });
  const subjects = async (program: Muniment, ...words: string[]) =>
    (await program.ok('search', ...words)).json.map(({ subject }) => subject);

  expect(await subjects(muniment, 'date:2023-11-08')).toEqual(['night.eml', 'evening.eml']);
  const found = await there.ok('search', 'date:2023-11-08');
  expect(found.json.map(({ subject, date }) => [subject, date])).toEqual([['night.eml', '2023-11-08T05:30:00.000Z']]);
  expect(found.stderr).toContain('times of America/New_York');
  const [{ search, timeZone } = {}] = (await there.ok('search', 'date:2023-11-07', '--count')).json;
  expect(timeZone).toBe('America/New_York');
  const days = (await there.ok('search', 'heron', '--facets', 'day,source')).json;
  expect(days.slice(0, 2)).toMatchObject([
    { value: '2023-11-07', messages: 1 },
    { value: '2023-11-08', messages: 1 },
  ]);
  expect(days.slice(2)).toMatchObject([{ facet: 'source', value: muniment.path('mail'), messages: 2 }]);

  await there.ok('matter', 'create', 'm');
  const absolute = 'date:2023-11-08T05:00:00.000Z..2023-11-09T04:59:59.999Z';
  const [hold] = (await there.ok('hold', 'place', '--matter', 'm', '--query', 'date:2023-11-08', '--reason', 'r')).json;
  expect(hold).toMatchObject({ query: absolute, messages: 1 });
  await there.ok('saved', 'add', 'm', 'night', 'date:2023-11-08');
  for (const program of [muniment, there]) {
    expect(await subjects(program, '--saved', 'night', '--matter', 'm')).toEqual(['night.eml']);
    expect((await program.ok('search', '--repeat', String(search))).json).toMatchObject([{ result: 'same', total: 1 }]);
  }
  const exported = await there.ok('export', '--query', 'date:2023-11-07', '--out', muniment.path('out'));
  expect(exported.json.at(-1)).toMatchObject({ exported: 1 });
});

test('on the command line: a name that nothing in the archive has is said to be unknown', async () => {
  await using muniment = await Muniment.make();
  await writeSampleMail(muniment.path('mail'));
  await muniment.ok('import', muniment.path('mail'));
  const hints = async (query: string) => (await muniment.ok('search', query)).stderr;
  expect(await hints('custodian:desmond heron')).toContain('Did you mean custodian:desmond.okoye?');
  expect(await hints('custodian:desmond* OR mailbox:sent')).not.toContain('There is no');
  expect(await hints('mailbox:nowhere OR source:nope')).toMatch(/no mailbox "nowhere"[^]*no source "nope"/u);
  expect(await hints('digest:00000000 OR thread:ffffffff')).toMatch(/begins with 00000000[^]*begins with ffffffff/u);
});
