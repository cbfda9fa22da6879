import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDeployment, readConfig } from '#app';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment } from '../muniment.ts';
import { sampleQueries } from '../sample-queries.ts';

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
  for (const query of sampleQueries) {
    for (const sort of ['date', 'relevance'] as const) {
      const page = await deployment.searching.search({ query, sort, limit: 1000 }, 'test');
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
    expect(sampleQueries).toHaveLength(50);
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
