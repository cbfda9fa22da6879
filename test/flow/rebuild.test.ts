import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDeployment, readConfig } from '#app';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment } from '../muniment.ts';

const words = [
  'bridge',
  'heron',
  'bolts',
  'report',
  'hanger',
  'county',
  'invoice',
  'meeting',
  'VF-2217',
  'Готово',
  '伪造',
];
const fields = [
  'subject:report',
  'from:tobias.renner',
  'to:priya',
  'custodian:leonie.vasquez',
  'mailbox:sent',
  'has:attachment',
];
const shapes = [
  '"blue heron"',
  '"NS-2023-114"',
  'date:2024-01-01..2024-02-29',
  '*',
  'NOT bridge',
  '第十一番吊り材',
  'болты',
];

/** Fifty queries: words, fields and shapes, and pairs of them. */
const queries: readonly string[] = [
  ...words,
  ...fields,
  ...shapes,
  ...words.slice(0, 6).flatMap((word) => [`${word} from:tobias.renner`, `${word} NOT has:attachment`]),
  ...fields.flatMap((field) => [`${field} OR heron`, `bridge ${field}`]),
  '(bolts OR hanger) date:2023-01-01..2023-12-31',
  'custodian:margit.halloran date:2024-01-01..2024-02-29',
];

interface Answer {
  readonly query: string;
  readonly sort: string;
  readonly total: number;
  readonly complete: boolean;
  readonly hits: unknown;
}

/** What every query answers, in both orders. */
async function answers(archive: string): Promise<Answer[]> {
  await using deployment = await openDeployment(readConfig({}, `file:${archive}`), { create: false });
  const found: Answer[] = [];
  for (const query of queries) {
    for (const sort of ['date', 'relevance'] as const) {
      const page = await deployment.reading.search({ query, sort, limit: 1000 }, 'test');
      const hits = page.hits.map(({ digest, sequence, custodians, display }) => ({
        digest,
        sequence,
        custodians,
        display,
      }));
      found.push({ query, sort, total: page.total, complete: page.complete, hits });
    }
  }
  return found;
}

describe('everything derived is made anew from archive and ledger alone (invariant 23)', () => {
  let muniment: Muniment;
  let before: Answer[];

  beforeAll(async () => {
    muniment = await Muniment.make();
    await writeSampleMail(muniment.path('mail'));
    await muniment.ok('import', muniment.path('mail'));
    await muniment.ok('matter', 'create', 'm');
    await muniment.ok('hold', 'place', '--matter', 'm', '--query', 'heron', '--reason', 'r');
    const victim = (await muniment.ok('search', 'NOT heron', '--limit', '1')).json[0];
    await muniment.ok('dispose', String(victim?.['digest']), '--reason', 'r');
    before = await answers(muniment.archive);
  });
  afterAll(async () => {
    await muniment[Symbol.asyncDispose]();
  });

  test('fifty queries that find something are asked', () => {
    expect(queries).toHaveLength(50);
    expect(before.filter(({ total }) => total > 0).length).toBeGreaterThan(80);
    expect(before.every(({ complete }) => complete)).toBe(true);
  });

  test('after `derived` was removed and `rebuild` run, they are answered the same', async () => {
    await rm(join(muniment.archive, 'derived'), { recursive: true });
    const rebuilt = (await muniment.ok('rebuild')).json[0];
    expect(rebuilt).toMatchObject({ messages: 176 });
    expect(await answers(muniment.archive)).toEqual(before);
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test('after `derived` was removed and nothing else done, as well', async () => {
    await rm(join(muniment.archive, 'derived'), { recursive: true });
    expect(await answers(muniment.archive)).toEqual(before);
    const holds = (await muniment.ok('hold', 'list')).json;
    expect(holds).toEqual([expect.objectContaining({ query: 'heron', releasedAt: null })]);
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });
});
