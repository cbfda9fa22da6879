import { createHash, hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Deployment, openDeployment, readConfig } from '#app';
import { factsAsOf } from '#catalog';
import { type FactNode, type FactResolver, parseQuery, type SequenceSet, withRelations } from '#search';
import { judge } from '../../services/search/evaluator.ts';
import { endless } from '../../services/search/patience.ts';
import { corpus, type CorpusName } from '../corpora.ts';
import { queriesOver } from '../corpus-queries.ts';
import { describeVariant } from '../describe-variant.ts';
import { Muniment } from '../muniment.ts';
import { describeProfile, onServers, placeArchive, type PlacedArchive, useCredentials } from '../profiles.ts';
import { soaking } from '../soak.ts';
import { writtenQueries } from '../written-queries.ts';

const queryCount = 100;
/** All of them over real mail take a quarter of an hour. */
const written = soaking ? writtenQueries : writtenQueries.filter((_, place) => place % 5 === 0);
const timeoutMs = 3_600_000;
const names: readonly CorpusName[] = soaking ? ['demo-small', 'enron-maildir'] : ['demo-small'];

/** For each query one sum over the digests of what it finds, ascending, and how many they are. */
type Answers = readonly (readonly [query: string, found: number, sum: string])[];

async function answersTo(queries: readonly string[], deployment: Deployment): Promise<Answers> {
  await deployment.recorder.catchUp();
  const { catalog, index, ledger } = deployment;
  const asOf = ledger.head.size - 1;
  const answers: [string, number, string][] = [];
  for (const query of queries) {
    const request = { query: parseQuery(query), facts: factsAsOf(catalog, asOf), asOf };
    const found = await index.select(await withRelations(index, request));
    expect([query, found.complete]).toEqual([query, true]);
    const digests = [...found.sequences].map((sequence) => catalog.messages.bySequence(sequence)?.digest ?? '');
    answers.push([query, digests.length, sumOf(digests)]);
  }
  return answers;
}

/** What the evaluator says, message by message. */
async function judgedAnswers(queries: readonly string[], { catalog, index, ledger }: Deployment): Promise<Answers> {
  const facts = factsAsOf(catalog, ledger.head.size - 1);
  const all = queries.map((query) => ({ query, ast: parseQuery(query), digests: [] as string[] }));
  const asked = await Promise.all(
    all.map(async (one) => ({ ...one, facts: (await withRelations(index, { query: one.ast, facts })).facts })),
  );
  const known = new Map<string, SequenceSet>();
  const holds = (resolver: FactResolver, { field, value }: FactNode, sequence: number): boolean => {
    const key = `${field}:${value}`;
    const set = known.get(key) ?? resolver[field](value);
    known.set(key, set);
    return set.has(sequence);
  };
  for (const { sequence, digest } of catalog.messages.range()) {
    const indexed = await index.document(sequence);
    if (indexed === undefined) continue;
    for (const { ast, digests, facts: resolver } of asked) {
      if (judge(ast, indexed.document, (fact) => holds(resolver, fact, sequence), endless)) digests.push(digest);
    }
  }
  return asked.map(({ query, digests }) => [query, digests.length, sumOf(digests)]);
}

function sumOf(digests: readonly string[]): string {
  return hash('sha256', digests.toSorted((a, b) => (a < b ? -1 : 1)).join('\n'));
}

function digestsIn({ catalog }: Deployment): string {
  const digests = [...catalog.messages.range()].map(
    ({ digest, generation, size }) => `${digest} ${generation} ${size}`,
  );
  return sumOf(digests);
}

/** How many messages an export has, and one sum over the sums of their files. */
async function exported(program: Muniment): Promise<readonly [number, string]> {
  const out = program.path('export');
  await program.ok('export', '--all', '--out', out);
  const sums = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.eml'))
    .map((name) =>
      createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex'),
    );
  await rm(out, { recursive: true });
  return [sums.length, hash('sha256', sums.toSorted((a, b) => (a < b ? -1 : 1)).join('\n'))];
}

describeVariant('corpora', 'real mail, in one process and on servers (invariants 8, 12, 23)', () => {
  describeProfile(onServers, () => {
    describe.each(names)('%s', (name) => {
      let reference: Muniment;
      let placed: PlacedArchive;
      let folder: string;

      beforeAll(async () => {
        folder = join((await corpus(name)) ?? '', name);
        reference = await Muniment.make();
        placed = await placeArchive(onServers);
      }, timeoutMs);
      afterAll(async () => {
        await placed[Symbol.asyncDispose]();
        await reference[Symbol.asyncDispose]();
      });

      test(
        `captures the same, finds the same for ${queryCount + written.length} queries, exports the same bytes, verifies, and finds the same when built anew`,
        async () => {
          const { env, program, url } = placed;
          const [here, there] = [await reference.ok('import', folder), await program.ok('import', folder)];
          const { found, captured, failed } = here.json.at(-1) ?? {};
          expect(there.json.at(-1)).toMatchObject({ found, captured, failed });
          expect([Number(captured) > 1000, failed]).toEqual([true, 0]);

          let queries: readonly string[];
          let expected: Answers;
          let judged: Answers;
          let digests: string;
          {
            await using one = await openDeployment(readConfig({}, `file:${reference.archive}`), { create: false });
            queries = await queriesOver(one, queryCount);
            expect(queries).toHaveLength(queryCount);
            [expected, digests] = [await answersTo(queries, one), digestsIn(one)];
            expect(expected.filter(([, messages]) => messages === 0)).toEqual([]);
            judged = await judgedAnswers(written, one);
            expect(await answersTo(written, one)).toEqual(judged);
            expect(judged.filter(([, messages]) => messages > 0).length).toBeGreaterThan(judged.length / 2);
          }
          await reference.ok('rebuild');
          {
            await using again = await openDeployment(readConfig({}, `file:${reference.archive}`), { create: false });
            expect(await answersTo(written, again)).toEqual(judged);
          }
          useCredentials(env);
          {
            await using other = await openDeployment(readConfig(env, url), { create: false });
            expect(await answersTo(queries, other)).toEqual(expected);
            expect(await answersTo(written, other)).toEqual(judged);
            expect(digestsIn(other)).toBe(digests);
          }
          expect(await exported(program)).toEqual(await exported(reference));
          for (const one of [reference, program]) {
            const verified = (await one.ok('verify', '--full')).json;
            expect(verified).toEqual([expect.objectContaining({ findings: 0, messages: captured })]);
          }
        },
        timeoutMs,
      );
    });
  });
});
