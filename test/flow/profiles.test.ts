import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDeployment, readConfig } from '#app';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment } from '../muniment.ts';
import { describeProfile, mixed, onServers, placeArchive, type PlacedArchive, useCredentials } from '../profiles.ts';
import { sampleQueries } from '../sample-queries.ts';

const run = promisify(execFile);
const timeoutMs = 300_000;

/** For each query which messages it finds. */
type Answers = ReadonlyMap<string, readonly string[]>;

/** In one process: starting the program for each query takes longer than answering it. */
async function answersOf(url: string, env: Readonly<Record<string, string>>): Promise<Answers> {
  useCredentials(env);
  const answers = new Map<string, readonly string[]>();
  await using deployment = await openDeployment(readConfig(env, url), { create: false });
  for (const query of sampleQueries) {
    const { complete, hits, total } = await deployment.searching.search({ query, sort: 'date', limit: 1000 }, 'test');
    expect([query, complete, hits.length]).toEqual([query, true, total]);
    answers.set(query, sorted(hits.map(({ digest }) => digest)));
  }
  return answers;
}

function sorted(digests: readonly string[]): string[] {
  return digests.toSorted((a, b) => (a < b ? -1 : 1));
}

function digestsIn(lines: readonly Readonly<Record<string, unknown>>[]): string[] {
  return sorted(lines.flatMap(({ digest }) => (typeof digest === 'string' ? [digest] : [])));
}

/** The messages of an export, by their names in it. */
async function exported(program: Muniment, name: string): Promise<string[]> {
  const out = program.path(name);
  await program.ok('export', '--all', '--out', out);
  await run('sha256sum', ['--strict', '--quiet', '-c', 'SHA256SUMS'], { cwd: out });
  const { stdout } = await run('sh', ['-c', 'find . -name "*.eml" -exec sha256sum {} + | cut -c 1-64 | sort'], {
    cwd: out,
  });
  return stdout.trim().split('\n');
}

/** What a case needs: mail, a hold, and one message that is lawfully gone. Answers how many messages are held. */
async function fill(program: Muniment, mail: string): Promise<unknown> {
  expect((await program.ok('import', mail)).json.at(-1)).toMatchObject({ found: 394, captured: 177, failed: 0 });
  await program.ok('matter', 'create', 'm');
  const held = (await program.ok('hold', 'place', '--matter', 'm', '--query', 'heron', '--reason', 'r')).json[0];
  const [heron] = digestsIn((await program.ok('search', 'heron', '--limit', '1')).json);
  expect(await program.run('dispose', heron ?? '', '--reason', 'r')).toMatchObject({ code: 2 });
  const [victim] = digestsIn((await program.ok('search', 'NOT heron', '--limit', '1000')).json);
  await program.ok('dispose', victim ?? '', '--reason', 'r');
  return held?.['messages'];
}

describe('the same archive wherever its parts lie (invariants 12, 23 and 27)', () => {
  let reference: Muniment;
  let expected: Answers;
  let messages: string[];
  let held: unknown;

  beforeAll(async () => {
    reference = await Muniment.make();
    await writeSampleMail(reference.path('mail'));
    held = await fill(reference, reference.path('mail'));
    expect(held).toBeGreaterThan(10);
    expected = await answersOf(`file:${reference.archive}`, {});
    messages = await exported(reference, 'export');
  }, timeoutMs);
  afterAll(async () => reference[Symbol.asyncDispose]());

  for (const profile of [onServers, ...mixed]) {
    describeProfile(profile, () => {
      let placed: PlacedArchive;
      beforeAll(async () => {
        placed = await placeArchive(profile);
      }, timeoutMs);
      afterAll(async () => placed[Symbol.asyncDispose]());

      test(
        'captures, holds, disposes, finds and exports the same, without a fault, also from the record alone',
        async () => {
          const { env, program, url } = placed;
          expect(await fill(program, reference.path('mail'))).toBe(held);
          expect(await answersOf(url, env)).toEqual(expected);
          expect(await exported(program, 'export')).toEqual(messages);
          const verified = (await program.ok('verify', '--full')).json;
          expect(verified).toEqual([expect.objectContaining({ findings: 0, messages: 176 })]);

          await loseWhatIsDerived(placed, profile.archive);
          await program.ok('rebuild');
          expect(await answersOf(url, env)).toEqual(expected);
          expect((await program.ok('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
        },
        timeoutMs,
      );
    });
  }
});

/** Everything but the record, the ledger and the secrets. */
async function loseWhatIsDerived({ program, env, indexUrl }: PlacedArchive, archive: 'folder' | 's3'): Promise<void> {
  if (archive === 's3') await rm(env['STATE_DIR'] ?? '', { recursive: true });
  else {
    expect(await readdir(program.archive)).toContain('derived');
    await rm(join(program.archive, 'derived'), { recursive: true });
  }
  if (indexUrl === undefined) return;
  const deleted = await fetch(`${indexUrl}-*`, { method: 'DELETE' });
  expect(deleted.status).toBe(200);
}
