import { writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment } from '../muniment.ts';

test('a file of search terms becomes a report: for people, as CSV and as JSON', async () => {
  await using muniment = await Muniment.make();
  await writeSampleMail(muniment.path('mail'));
  await muniment.ok('import', muniment.path('mail'));
  const file = muniment.path('terms.txt');
  await writeFile(file, '\ufeff# the bridge\r\nbridge\r\n\r\n  heron* NOT bridge \r\nhanger pre/5 bolt*\r\n');
  const { json } = await muniment.ok('terms', file);
  expect(json).toMatchObject([
    { term: 'bridge', messages: 35 },
    { term: 'heron* NOT bridge', messages: 16, unique: 16 },
    { term: 'hanger pre/5 bolt*', messages: 9 },
    { complete: true },
  ]);
  const csv = (await muniment.ok('terms', file, '--csv')).stdout.toString().split('\r\n');
  expect(csv[0]).toMatch(/^\ufeffterm,messages,unique,first,last,callum\.reyes,desmond\.okoye,/u);
  expect(csv[2]).toMatch(/^heron\* NOT bridge,16,16,20\d\d-[^,]+Z,20\d\d-[^,]+Z,\d+,/u);
  expect(csv[4]).toMatch(/^\(all terms together\),\d+,,,,/u);
  for (const term of ['heron OR', 'heron w/s bridge']) {
    await writeFile(file, `bridge\n${term}\n`);
    const wrong = await muniment.run('terms', file);
    expect([wrong.code, wrong.json[0]?.['error']]).toEqual([2, 'query-invalid']);
    expect(JSON.stringify(wrong.json[0])).toContain(`term 2 (${term})`);
  }
  const none = await muniment.run('terms', muniment.path('none.txt'));
  expect([none.code, none.json[0]?.['error']]).toEqual([64, 'usage']);
});
