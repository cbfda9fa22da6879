import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { corpus, type CorpusName } from '../corpora.ts';
import { describeVariant } from '../describe-variant.ts';
import { has, inMonths, type Question, readIndependently } from '../independent-count.ts';
import { Muniment } from '../muniment.ts';
import { soaking } from '../soak.ts';

const questions: readonly Question[] = [
  { query: 'meeting', holds: (mail) => has(mail.any, 'meeting') },
  { query: '"conference call"', holds: (mail) => has(mail.any, 'conference call') },
  { query: 'from:kaminski', holds: (mail) => has(mail.from, 'kaminski') },
  { query: 'subject:gas', holds: (mail) => has(mail.subject, 'gas') },
  { query: 'california AND NOT davis', holds: (mail) => has(mail.any, 'california') && !has(mail.any, 'davis') },
  {
    query: '(pipeline OR storage) capacity',
    holds: (mail) => (has(mail.any, 'pipeline') || has(mail.any, 'storage')) && has(mail.any, 'capacity'),
  },
  { query: 'to:enron.com subject:re', holds: (mail) => has(mail.to, 'enron.com') && has(mail.subject, 're') },
  { query: 'date:2001-05', holds: (mail) => inMonths(mail, '2001-05-01', '2001-06-01') },
  {
    query: 'contract date:2000-10..2001-03',
    holds: (mail) => has(mail.any, 'contract') && inMonths(mail, '2000-10-01', '2001-04-01'),
  },
  { query: 'has:attachment from:com', holds: (mail) => mail.attachments > 0 && has(mail.from, 'com') },
  { query: 'custodian:lay-k board', holds: (mail) => mail.custodian === 'lay-k' && has(mail.any, 'board') },
  {
    query: 'body:"let me know" -subject:fw',
    holds: (mail) => has(mail.body, 'let me know') && !has(mail.subject, 'fw'),
  },
];

const name: CorpusName = soaking ? 'enron-maildir' : 'demo-small';

describeVariant('corpora', `twelve searches over ${name} find what an unrelated reader finds`, () => {
  const expected = new Map<string, Set<string>>();
  let muniment: Muniment;

  beforeAll(async () => {
    const folder = join((await corpus(name)) ?? '', name);
    muniment = await Muniment.make();
    await muniment.ok('import', folder);
    for (const { query } of questions) expected.set(query, new Set());
    for (const { file, custodian } of mailsIn(folder)) {
      const reading = await readIndependently(file, custodian);
      const digest = digestOf(readFileSync(file));
      for (const { query, holds } of questions) if (holds(reading)) expected.get(query)?.add(digest);
    }
  }, 600_000);

  afterAll(() => muniment[Symbol.asyncDispose]());

  test.each(questions.map(({ query }) => query))('%s', async (query) => {
    const { json } = await muniment.ok('search', query, '--limit', '1000000', '--json');
    const found = json.map((line) => line['digest']);
    expect(new Set(found)).toEqual(expected.get(query));
    expect(found).toHaveLength(expected.get(query)?.size ?? -1);
  });
});

function* mailsIn(folder: string): Generator<{ file: string; custodian: string }> {
  for (const custodian of readdirSync(folder, { withFileTypes: true })) {
    if (!custodian.isDirectory()) continue;
    const below = readdirSync(join(folder, custodian.name), { recursive: true, withFileTypes: true });
    for (const entry of below) {
      if (entry.isFile()) yield { file: join(entry.parentPath, entry.name), custodian: custodian.name };
    }
  }
}
