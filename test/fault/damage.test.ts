import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateSampleMail, writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { digestOf } from '#kernel';
import { noise } from '../contract/blob-puts.ts';
import { Muniment, type Ran } from '../muniment.ts';
import { randomFrom } from '../random-moments.ts';
import { seeds, soaking } from '../soak.ts';
import { alter } from '../whole-archive.ts';

let work: Muniment;
const queries = ['"blue heron" OR from:tobias.renner', 'has:attachment', '*'];
const timeoutMs = soaking ? 7_200_000 : 120_000;

beforeAll(async () => {
  work = await Muniment.make();
  await writeSampleMail(work.path('mail'));
  await work.ok('import', work.path('mail'));
  await work.ok('checkpoint');
});
afterAll(async () => {
  await work[Symbol.asyncDispose]();
});

function copy(): Promise<Muniment> {
  return Muniment.make({ copyOf: work.archive });
}

function lastFile(folder: string, pattern: RegExp): string {
  const names = readdirSync(folder).filter((name) => pattern.test(name));
  return join(folder, names.sort().at(-1) ?? '');
}

function segmentOf({ archive }: Muniment): string {
  return lastFile(join(archive, 'archive', 'segments'), /\.seg$/u);
}

function batchOf({ archive }: Muniment): string {
  return lastFile(join(archive, 'ledger'), /^[0-9a-f]{16}$/u);
}

/** Changes one bit, and gives what the file then is. */
function flip(file: string, position: number): Buffer {
  const bytes = readFileSync(file);
  bytes[position] = (bytes[position] ?? 0) ^ (1 << (position % 8));
  writeFileSync(file, bytes);
  return bytes;
}

/** Every fault is a line with a code; the exit code is 1. */
async function findings(muniment: Muniment): Promise<string[]> {
  const ran = await muniment.run('verify', '--full');
  expect(ran.code).toBe(1);
  const codes = ran.json.flatMap((line) => (typeof line['code'] === 'string' ? [line['code']] : []));
  expect(ran.json.at(-1)).toMatchObject({ findings: codes.length });
  return codes;
}

function expectRefused(ran: Ran): void {
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/^muniment: /u);
  expect(ran.stderr).not.toMatch(/unexpected|\n\s+at /u);
}

async function answers(muniment: Muniment): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const query of queries) {
    const hits = (await muniment.ok('search', query, '--limit', '10000')).json;
    found.push(hits.map((hit) => [hit['digest'], hit['subject'], hit['custodians']]));
  }
  return found;
}

describe('damage, through the program (invariants 18, 26)', () => {
  test(
    'a byte changed in the last record of a segment is named, never served as good, never cut',
    async () => {
      const size = readFileSync(segmentOf(work)).length;
      const random = randomFrom(7);
      for (let round = 0; round < seeds(5, 100); round++) {
        const position = size - 1 - Math.floor(random() * 600);
        await using muniment = await copy();
        const segment = segmentOf(muniment);
        const damaged = flip(segment, position);
        expect([position, await findings(muniment)]).toEqual([position, expect.arrayContaining(['archive-damaged'])]);
        // Work goes on beside it, in a new segment.
        await muniment.ok('matter', 'create', 'm');
        expect(readFileSync(segment).equals(damaged)).toBe(true);
      }
    },
    timeoutMs,
  );

  test('a damaged message is not shown, and its neighbours are', async () => {
    await using muniment = await copy();
    const segment = segmentOf(muniment);
    const bytes = readFileSync(segment);
    // In the middle of the file, so in the payload or the frame of one message.
    flip(segment, Math.floor(bytes.length / 2));
    const ran = await muniment.run('verify', '--full');
    const digest =
      ran.json.map((line) => /message ([0-9a-f]{64})/u.exec(String(line['place']))?.[1]).find(Boolean) ?? '';
    expect(digest).not.toBe('');
    const mail = [...generateSampleMail()].map((one) => one.bytes);
    const original = mail.find((one) => digestOf(one) === digest);
    const shown = await muniment.run('show', digest, '--raw');
    expectRefused(shown);
    expect(original).toBeDefined();
    expect(original?.equals(shown.stdout)).toBe(false);
    const neighbour = mail.find((one) => digestOf(one) !== digest) ?? Buffer.alloc(0);
    const whole = await muniment.run('show', digestOf(neighbour), '--raw');
    expect([whole.code, whole.stdout.equals(neighbour)]).toEqual([0, true]);
    const exported = await muniment.run('export', '--all', '--out', muniment.path('out'));
    expect(exported.code).toBe(1);
    expect(await readFile(muniment.path('out', 'exceptions.jsonl'), 'utf8')).toContain(digest);
  });

  test('after a rebuild a damaged message is named, and covered by every hold on words', async () => {
    await using muniment = await copy();
    const segment = segmentOf(muniment);
    flip(segment, Math.floor(readFileSync(segment).length / 2));
    const rebuilt = await muniment.run('rebuild');
    const damaged = rebuilt.json[0]?.['damaged'];
    expect([rebuilt.code, damaged]).toEqual([1, [expect.stringMatching(/^[0-9a-f]{64}$/u)]]);
    const [digest] = damaged as string[];
    expect(rebuilt.stderr).toContain(`damaged: ${digest}`);
    await muniment.ok('matter', 'create', 'm');
    await muniment.ok('hold', 'place', '--matter', 'm', '--query', 'nosuchword', '--reason', 'r');
    expect((await muniment.run('dispose', digest ?? '', '--reason', 'r')).json[0]).toMatchObject({ error: 'held' });
    const exported = await muniment.run('export', '--matter', 'm', '--out', muniment.path('of-matter'));
    expect(exported.code).toBe(1);
    expect(await readFile(muniment.path('of-matter', 'exceptions.jsonl'), 'utf8')).toContain(digest);
  });

  test('a missing segment is named message by message, and nothing of it is served', async () => {
    await using muniment = await copy();
    await rm(segmentOf(muniment));
    expect(await findings(muniment)).toContain('message-missing');
    const digest = digestOf([...generateSampleMail()][0]?.bytes ?? Buffer.alloc(0));
    expectRefused(await muniment.run('show', digest, '--raw'));
  });

  test(
    'a byte changed in the last batch is named; nothing is appended and nothing cut',
    async () => {
      const size = readFileSync(batchOf(work)).length;
      const random = randomFrom(8);
      for (let round = 0; round < seeds(4, 100); round++) {
        const position = Math.floor(random() * size);
        await using muniment = await copy();
        const batch = batchOf(muniment);
        const damaged = flip(batch, position);
        expect([position, await findings(muniment)]).toEqual([position, expect.arrayContaining(['ledger-damaged'])]);
        expectRefused(await muniment.run('import', work.path('mail')));
        expect(readFileSync(batch).equals(damaged)).toBe(true);
        expect(batchOf(muniment)).toBe(batch);
      }
    },
    timeoutMs,
  );

  test('a missing last batch is noticed by what was signed after it, and the ledger is not continued', async () => {
    await using muniment = await copy();
    await rm(batchOf(muniment));
    expect(await findings(muniment)).toContain('ledger-damaged');
    const left = await readdir(join(muniment.archive, 'ledger'));
    expectRefused(await muniment.run('matter', 'create', 'm'));
    expect(await readdir(join(muniment.archive, 'ledger'))).toEqual(left);
  });

  test('a whole archive that was rolled back, its secrets too, is seen by a checkpoint kept elsewhere', async () => {
    await using muniment = await copy();
    const later = muniment.on(muniment.path('later'));
    await cp(muniment.archive, later.archive, { recursive: true });
    await later.ok('matter', 'create', 'm');
    const kept = muniment.path('checkpoint.txt');
    await writeFile(kept, String((await later.ok('checkpoint')).json[0]?.['checkpoint']));
    expect((await later.ok('verify', '--checkpoint', kept)).json.at(-1)).toMatchObject({ findings: 0 });
    expect((await muniment.ok('verify')).json.at(-1)).toMatchObject({ findings: 0 });
    const seen = await muniment.run('verify', '--checkpoint', kept);
    expect([seen.code, seen.json[0]?.['code']]).toEqual([1, 'ledger-damaged']);
    await writeFile(kept, 'no checkpoint at all');
    expect((await muniment.run('verify', '--checkpoint', kept)).code).toBe(2);
  });

  test('a key that is not there is looked for, not replaced', async () => {
    await using muniment = await copy();
    const elsewhere = muniment.on(muniment.archive, { SECRETS_DIR: muniment.path('mistyped') });
    const ran = await elsewhere.run('status');
    expect([ran.code, ran.json[0]?.['error']]).toEqual([2, 'secret-missing']);
    expect(ran.stderr).toContain('Check SECRETS_DIR');
    await muniment.ok('status');
  });

  test('a changed sidecar is named', async () => {
    await using muniment = await copy();
    const folder = join(muniment.archive, 'ledger', 'sidecar');
    const sidecar = lastFile(folder, /^[0-9a-f]{16}-/u);
    flip(sidecar, Math.floor(readFileSync(sidecar).length / 2));
    expect(await findings(muniment)).toContain('ledger-damaged');
  });
});

describe('damage to what is derived (invariant 23)', () => {
  let expected: unknown[];
  beforeAll(async () => {
    await using muniment = await copy();
    expected = await answers(muniment);
  }, timeoutMs);

  test.each(['catalog', 'index', 'locator'])('a %s that vanished is made anew, with the same answers', async (name) => {
    await using muniment = await copy();
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      await rm(join(muniment.archive, 'derived', `${name}.sqlite${suffix}`), { force: true });
    }
    expect(await answers(muniment)).toEqual(expected);
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test.each(['catalog', 'index', 'locator'])('a %s full of noise is made anew, with the same answers', async (name) => {
    await using muniment = await copy();
    writeFileSync(join(muniment.archive, 'derived', `${name}.sqlite`), noise(9, 50_000));
    expect(await answers(muniment)).toEqual(expected);
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test('an index with another tokenizer is named by verify, and made anew, with the same answers', async () => {
    await using muniment = await copy();
    const tokenizer = `set sql = replace(sql, '''ascii''', '''ascii separators h''') where name = 'words'`;
    const file = join(muniment.archive, 'derived', 'index.sqlite');
    alter(file, `pragma writable_schema = on; update sqlite_schema ${tokenizer}`);
    const { code, json } = await muniment.run('verify');
    expect([code, json]).toEqual([1, expect.arrayContaining([expect.objectContaining({ code: 'index-damaged' })])]);
    expect(await answers(muniment)).toEqual(expected);
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test.each(['catalog', 'index', 'locator'])('a %s with pages of noise is made anew by rebuild', async (name) => {
    await using muniment = await copy();
    const file = join(muniment.archive, 'derived', `${name}.sqlite`);
    const bytes = readFileSync(file);
    // Page 1 is left whole, so that the file still opens.
    noise(10, bytes.length - 8192).copy(bytes, 8192);
    writeFileSync(file, bytes);
    const { code } = await muniment.run('verify', '--full');
    // The locator is read whole when it is opened, and made anew where it cannot be.
    expect(code === 0).toBe(name === 'locator');
    await muniment.ok('rebuild');
    expect(await answers(muniment)).toEqual(expected);
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });
});
