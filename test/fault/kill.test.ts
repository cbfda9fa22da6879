import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment, type Ran } from '../muniment.ts';
import { momentWithin, randomFrom } from '../random-moments.ts';
import { capturesIn, coveredBy, recordedIn, type Recorded, sightingsIn } from '../recorded.ts';
import { seeds } from '../soak.ts';

/** Kills of one archive, one after the other, before it is completed and checked. */
const killsPerRound = 4;
const timeoutMs = seeds(300_000, 7_200_000);
const query = 'bridge';

let work: Muniment;
let files: ReadonlyMap<string, string>;
let custodians: readonly string[];
/** Commands that were killed before they ended: the others were faster than their moment. */
let kills = 0;

beforeAll(async () => {
  work = await Muniment.make();
  files = await writeMail(work.path('mail'));
  custodians = (await readdir(work.path('mail'))).map((name) => work.path('mail', name));
});
afterAll(async () => {
  await work[Symbol.asyncDispose]();
});

/** The sample mail as files, for the short run what the hold is on and a part of the rest; their digests by path. */
async function writeMail(folder: string): Promise<Map<string, string>> {
  const written = new Map<string, string>();
  for (const [place, { custodian, folder: box, name, bytes }] of [...generateSampleMail()].entries()) {
    if (place % seeds(8, 1) !== 0 && !bytes.includes(query)) continue;
    const path = join(folder, custodian, box, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    written.set(path, createHash('sha256').update(bytes).digest('hex'));
  }
  return written;
}

/** An archive that is closed, for rounds to copy. */
async function prepared(name: string, ...commands: string[][]): Promise<string> {
  const archive = work.path(name);
  for (const words of commands) await work.on(archive).ok(...words);
  return archive;
}

function expectedCaptures(paths: Iterable<string>): string[] {
  return [...new Set([...paths].map((path) => `${files.get(path)}/1`))].sort();
}

/** What was committed stays, at its place. */
function expectContinued(before: Recorded, after: Recorded): void {
  expect(after.leaves.slice(0, before.leaves.length)).toEqual(before.leaves);
}

/** Every sighting once (invariants 7 and 8). */
function expectNoDuplicates(recorded: Recorded): void {
  const sightings = sightingsIn(recorded);
  expect(sightings).toHaveLength(new Set(sightings).size);
}

async function expectVerified(muniment: Muniment, messages: number): Promise<void> {
  const ran = await muniment.run('verify', '--full');
  expect(ran.json).toEqual([expect.objectContaining({ findings: 0, full: true, messages })]);
  expect(ran.code).toBe(0);
}

/** Runs every round; whatever fails says with which seed. */
async function eachRound(
  kind: number,
  rounds: number,
  round: (random: () => number, index: number) => Promise<void>,
): Promise<void> {
  kills = 0;
  for (let index = 0; index < rounds; index++) {
    const seed = kind * 10_000 + index;
    try {
      await round(randomFrom(seed), index);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
  // Seldom is a command faster; were it the rule, nothing would be tested.
  expect(kills).toBeGreaterThan((rounds * killsPerRound) / 2);
}

/** A command that is killed over and over; after each kill the ledger continues what it was before. */
async function killedInTurn(
  muniment: Muniment,
  changes: number,
  random: () => number,
  afterKill: (ran: Ran, recorded: Recorded, turn: number) => void | Promise<void>,
  words: (turn: number) => string[],
): Promise<Recorded> {
  let before: Recorded = { entries: [], leaves: [] };
  for (let turn = 0; turn < killsPerRound; turn++) {
    const ran = await muniment.killed(momentWithin(changes, random), ...words(turn));
    if (ran.signal === 'SIGKILL') kills += 1;
    else expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    const recorded = await recordedIn(muniment.archive);
    expectContinued(before, recorded);
    await afterKill(ran, recorded, turn);
    before = recorded;
  }
  return before;
}

describe('kill -9 at seeded moments, and a second run that completes it (invariants 1, 8, 14, 24)', () => {
  test(
    'import: nothing acknowledged is lost, nothing is captured twice, from an empty folder on',
    async () => {
      const { folder } = work;
      const changes = await work.on(join(folder, 'measured')).countChanges('import', ...custodians);
      await eachRound(1, seeds(10, 100), async (random) => {
        await using muniment = await Muniment.make();
        const command = ['import', ...custodians];
        const expected = expectedCaptures(files.keys());
        const acknowledged = await killedInTurn(
          muniment,
          changes,
          random,
          (ran, recorded) => {
            expectNoDuplicates(recorded);
            // It printed its sum: then all of it is recorded.
            if (ran.json.length > 0) expect(capturesIn(recorded)).toEqual(expected);
          },
          () => command,
        );
        const second = await muniment.ok(...command);
        const { found, captured, alreadyArchived, failed } = second.json[0] ?? {};
        expect({ found, failed }).toEqual({ found: files.size, failed: 0 });
        expect(Number(captured) + Number(alreadyArchived)).toBe(files.size);
        const after = await recordedIn(muniment.archive);
        expectContinued(acknowledged, after);
        expectNoDuplicates(after);
        expect(capturesIn(after)).toEqual(expected);
        expect(sightingsIn(after)).toHaveLength(files.size);
        await expectVerified(muniment, expected.length);
      });
    },
    timeoutMs,
  );

  test(
    'hold place: it is not placed at all, or it covers everything that matches, also what arrives later',
    async () => {
      const [early, late] = [custodians.slice(0, 4), custodians.slice(4)];
      await prepared('all', ['import', ...custodians]);
      const hits = (await work.on(work.path('all')).ok('search', query, '--limit', '10000')).json;
      const all = (await work.on(work.path('all')).ok('search', '*', '--limit', '10000')).json;
      // What cannot be read well enough to be judged is held as well.
      const unread = all.filter((hit) => Array.isArray(hit['flags']) && hit['flags'].includes('unreadable-text'));
      const matching = new Set([...hits, ...unread].map((hit) => String(hit['digest'])));
      const base = await prepared('hold', ['import', ...early], ['matter', 'create', 'm']);
      const arrived = new Set(
        [...files].filter(([path]) => early.some((at) => path.startsWith(at))).map(([, at]) => at),
      );
      expect([...matching].filter((digest) => arrived.has(digest)).length).toBeGreaterThan(5);
      expect([...matching].filter((digest) => !arrived.has(digest)).length).toBeGreaterThan(2);
      const command = ['hold', 'place', '--matter', 'm', '--query', query, '--reason', 'r'];
      await using measured = await Muniment.make({ copyOf: base });
      const changes = await measured.countChanges(...command);
      await eachRound(2, seeds(5, 50), async (random) => {
        await using muniment = await Muniment.make({ copyOf: base });
        const acknowledged: string[] = [];
        await killedInTurn(
          muniment,
          changes,
          random,
          (ran) => void acknowledged.push(...ran.json.map((hold) => String(hold['id']))),
          () => command,
        );
        const listed = (await muniment.ok('hold', 'list')).json.map((hold) => String(hold['id']));
        expect(listed).toEqual(expect.arrayContaining(acknowledged));
        const placed = listed.length > 0 ? listed : [String((await muniment.ok(...command)).json[0]?.['id'])];
        await muniment.ok('import', ...late);
        const recorded = await recordedIn(muniment.archive);
        for (const hold of placed) expect(coveredBy(recorded, hold)).toEqual(matching);
        const victim = [...matching][Math.floor(random() * matching.size)] ?? '';
        const refused = await muniment.run('dispose', victim, '--reason', 'r');
        expect([refused.code, refused.json[0]?.['error']]).toEqual([2, 'held']);
        await expectVerified(muniment, new Set(files.values()).size);
      });
    },
    timeoutMs,
  );

  test(
    'dispose: each order is carried out once, and nothing else is destroyed (invariant 17)',
    async () => {
      const base = await prepared('dispose', ['import', ...custodians]);
      const digests = [...new Set(files.values())].sort();
      await using measured = await Muniment.make({ copyOf: base });
      const changes = await measured.countChanges('dispose', digests[0] ?? '', '--reason', 'r');
      await eachRound(3, seeds(5, 50), async (random) => {
        await using muniment = await Muniment.make({ copyOf: base });
        const first = Math.floor(random() * (digests.length - killsPerRound));
        const victims = digests.slice(first, first + killsPerRound);
        const command = (turn: number) => ['dispose', victims[turn] ?? '', '--reason', 'r'];
        await killedInTurn(
          muniment,
          changes,
          random,
          (ran, { entries }, turn) => {
            const certificates = entries.filter((entry) => entry.kind === 'disposed' && entry.digest === victims[turn]);
            if (ran.json.length > 0) expect(certificates).toHaveLength(1);
          },
          command,
        );
        for (const [turn] of victims.entries()) {
          const again = await muniment.run(...command(turn));
          if (again.code !== 0) expect([again.code, again.json[0]?.['error']]).toEqual([2, 'already-disposed']);
        }
        const recorded = await recordedIn(muniment.archive);
        expectNoDuplicates(recorded);
        for (const kind of ['disposing', 'disposed'] as const) {
          const named = recorded.entries.flatMap((entry) => (entry.kind === kind ? [entry.digest] : []));
          expect(named.toSorted()).toEqual(victims);
        }
        const status = (await muniment.ok('status')).json[0];
        expect(status).toMatchObject({ messages: digests.length - killsPerRound, disposed: killsPerRound });
        await expectVerified(muniment, digests.length - killsPerRound);
      });
    },
    timeoutMs,
  );

  test(
    'backup: a later run completes it, also with mail that came in between, and it restores equal (invariant 25)',
    async () => {
      const [early, late] = [custodians.slice(0, 4), custodians.slice(4)];
      const base = await prepared('backup', ['import', ...early]);
      await using measured = await Muniment.make({ copyOf: base });
      const changes = await measured.countChanges('backup', '--to', `file:${measured.path('copy')}`);
      await eachRound(4, seeds(5, 50), async (random) => {
        await using muniment = await Muniment.make({ copyOf: base });
        const to = `file:${muniment.path('copy')}`;
        await killedInTurn(
          muniment,
          changes,
          random,
          async (_ran, _recorded, turn) => {
            if (turn === 0) await muniment.ok('import', ...late);
          },
          () => ['backup', '--to', to],
        );
        const { json } = await muniment.ok('backup', '--to', to);
        const original = await recordedIn(muniment.archive);
        const restored = muniment.on(muniment.path('restored'));
        const report = (await restored.ok('restore', '--from', to)).json[0];
        expect(report).toMatchObject({ root: json[0]?.['root'], entries: json[0]?.['size'], missing: [] });
        const brought = await recordedIn(restored.archive);
        expect(brought.leaves).toEqual(original.leaves.slice(0, brought.leaves.length));
        expect(capturesIn(brought)).toEqual(expectedCaptures(files.keys()));
        await restored.ok('status');
        await expectVerified(restored, new Set(files.values()).size);
      });
    },
    timeoutMs,
  );
});
