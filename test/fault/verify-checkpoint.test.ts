import { readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { makeCheckpoint, parseCheckpoint } from '#ledger';
import { Muniment, type Ran } from '../muniment.ts';
import { signerNamed } from '../sample-ledger.ts';
import { letter } from '../whole-archive.ts';

let work: Muniment;

beforeAll(async () => {
  work = await Muniment.make();
  await writeFile(work.path('one.eml'), letter(1));
  await work.ok('import', work.path('one.eml'));
});
afterAll(() => work[Symbol.asyncDispose]());

function copy(): Promise<Muniment> {
  return Muniment.make({ copyOf: work.archive });
}

async function signed(muniment: Muniment): Promise<string> {
  return String((await muniment.ok('checkpoint')).json[0]?.['checkpoint']);
}

/** Keeps a checkpoint in a file, and verifies by it. */
async function verifiedBy(muniment: Muniment, checkpoint: string): Promise<Ran> {
  const file = muniment.path('checkpoint.txt');
  await writeFile(file, checkpoint);
  return muniment.run('verify', '--checkpoint', file);
}

async function withoutNewestBatch({ archive }: Muniment): Promise<void> {
  const names = readdirSync(join(archive, 'ledger')).filter((name) => /^[0-9a-f]{16}$/u.test(name));
  await rm(join(archive, 'ledger', names.sort().at(-1) ?? ''));
  await rm(join(archive, 'derived'), { recursive: true });
}

function codes({ json }: Ran): unknown[] {
  return json.flatMap((line) => ('code' in line ? [line['code']] : []));
}

describe('verify --checkpoint', () => {
  test('compares what the signer signed last as well: an older checkpoint hides no cut', async () => {
    await using muniment = await copy();
    const older = await signed(muniment);
    await muniment.ok('matter', 'create', 'm');
    await muniment.ok('checkpoint');
    await withoutNewestBatch(muniment);
    const ran = await verifiedBy(muniment, older);
    expect([ran.code, codes(ran)]).toEqual([1, expect.arrayContaining(['ledger-damaged'])]);
  });

  test('believes no text that the key it names did not sign, and holds it against nothing', async () => {
    await using muniment = await copy();
    const genuine = await signed(muniment);
    const { origin, size } = parseCheckpoint(genuine);
    const forged = genuine.replace(`\n${size}\n`, `\n${size + 1000}\n`);
    const ran = await verifiedBy(muniment, forged);
    expect([ran.code, codes(ran)]).toEqual([1, ['checkpoint-refused']]);
    expect(ran.json[0]).toMatchObject({
      place: `checkpoint of ${origin} at ${size + 1000}`,
      problem: expect.stringContaining('its signature is wrong'),
    });
  });

  test('believes no key that the ledger never had', async () => {
    await using muniment = await copy();
    const stranger = await makeCheckpoint(parseCheckpoint(await signed(muniment)), signerNamed('stranger'));
    const ran = await verifiedBy(muniment, stranger);
    expect([ran.code, codes(ran)]).toEqual([1, ['checkpoint-refused']]);
    expect(ran.json[0]?.['problem']).toContain('signed by no key');
  });

  test('says that a checkpoint is of another archive, instead of advising to bring back batches', async () => {
    await using muniment = await copy();
    const here = parseCheckpoint(await signed(muniment)).origin;
    const there = { origin: 'example.org/other', size: 1, root: 'ab'.repeat(32) };
    const ran = await verifiedBy(muniment, await makeCheckpoint(there, signerNamed('other')));
    expect([ran.code, codes(ran)]).toEqual([1, ['checkpoint-refused']]);
    expect(ran.json[0]).toMatchObject({
      problem: `this checkpoint is of example.org/other; this archive is ${here}`,
      remedy: expect.not.stringContaining('backup'),
    });
  });

  test('takes one from before a restored archive was continued as a new epoch', async () => {
    await using muniment = await copy();
    const before = await signed(muniment);
    const backup = `file:${muniment.path('backup')}`;
    await muniment.ok('backup', '--to', backup);
    const restored = muniment.on(muniment.path('restored'));
    await restored.ok('restore', '--from', backup);
    await restored.ok('restore', '--adopt', '--reason', 'a test');
    await restored.ok('matter', 'create', 'm');
    expect((await verifiedBy(restored, before)).code).toBe(0);
    expect((await verifiedBy(restored, await signed(restored))).code).toBe(0);
  });

  test('says which file is not there, and under which name it was typed', async () => {
    await using muniment = await copy();
    const ran = await muniment.run('verify', '--checkpoint', 'absent.txt');
    expect([ran.code, ran.json[0]?.['error']]).toEqual([64, 'usage']);
    expect(ran.stderr).toMatch(/^muniment: --checkpoint absent\.txt: there is no such file\.\n {2}Check /u);
  });
});

describe('what a command recorded last', () => {
  test.each([
    ['show', digestOf(letter(1)), '--raw'],
    ['search', 'letter'],
  ])('cannot be cut off unseen after %s', async (...words) => {
    await using muniment = await copy();
    await muniment.ok(...words);
    expect((await muniment.run('verify', '--full')).code).toBe(0);
    await withoutNewestBatch(muniment);
    const ran = await muniment.run('verify', '--full');
    expect([ran.code, codes(ran)]).toEqual([1, expect.arrayContaining(['ledger-damaged'])]);
  });
});
