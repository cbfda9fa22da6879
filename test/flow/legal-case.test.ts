import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { generateSampleMail } from '../../scripts/sample-mail/index.ts';
import { describeVariant } from '../describe-variant.ts';
import { Muniment } from '../muniment.ts';
import { placesOf } from '../places-of.ts';
import { recordedIn } from '../recorded.ts';

const planted = 'qzxwvortexkplanted';
/** Pieces of it: SQLite's full-text index leaves out what a term shares with the one before. */
const fragments = ['qzxwvort', 'vortexkp', 'kplanted'];

/** The planted word is in the text, in an attachment's bytes and name, in addresses, and in the file's name. */
const disclosure = Buffer.from(
  [
    `From: ${planted}@example.org`,
    'Subject: quarterly disclosure',
    'Date: Mon, 6 May 2024 10:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    `it says ${planted}`,
    '--b',
    `Content-Type: text/plain; name="${planted}.txt"`,
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(`and again ${planted}\r\n`.repeat(3)).toString('base64'),
    '--b--',
    '',
  ].join('\r\n'),
);
const late = Buffer.from('From: late@example.org\r\nSubject: about the heron\r\n\r\nblue heron, arriving late\r\n');

/** One archive, from beginning to end: each test goes on where the one before it stopped. */
describeVariant('sha256sum', 'a legal case, through the program', () => {
  let muniment: Muniment;
  let hold: string;
  let disclosureHold: string;
  let held: string[];
  /** What cannot be read well enough to be judged: every hold on words covers it. */
  let unread: string[];

  async function write(custodian: string, name: string, bytes: Buffer): Promise<void> {
    await mkdir(muniment.path('mail', custodian), { recursive: true });
    await writeFile(muniment.path('mail', custodian, name), bytes);
  }

  async function digestsFor(query: string): Promise<string[]> {
    return (await muniment.ok('search', query, '--limit', '10000')).json.map((hit) => String(hit['digest']));
  }

  async function refusal(digest: string): Promise<unknown[]> {
    const ran = await muniment.run('dispose', digest, '--reason', 'r');
    return [ran.code, ran.json[0]?.['error']];
  }

  beforeAll(async () => {
    muniment = await Muniment.make();
    for (const { custodian, folder, name, bytes } of generateSampleMail()) {
      await write(custodian, `${folder}-${name}`, bytes);
    }
    await write('margit.halloran', `${planted}.eml`, disclosure);
  });
  afterAll(async () => {
    await muniment[Symbol.asyncDispose]();
  });

  test('mail is imported, and the sum adds up', async () => {
    const { found, captured, alreadyArchived, failed } =
      (await muniment.ok('import', muniment.path('mail'))).json[0] ?? {};
    expect(failed).toBe(0);
    expect(Number(captured) + Number(alreadyArchived)).toBe(found);
    expect(found).toBe([...generateSampleMail()].length + 1);
  });

  test('a search finds the code word, and counts what it lists', async () => {
    held = await digestsFor('heron');
    expect(held.length).toBeGreaterThan(10);
    const counted = (await muniment.ok('search', 'heron', '--count')).json[0];
    expect(counted).toMatchObject({ total: held.length, complete: true });
    const all = (await muniment.ok('search', '*', '--limit', '10000')).json;
    const isUnread = (hit: { readonly [name: string]: unknown }) =>
      Array.isArray(hit['flags']) && hit['flags'].includes('unreadable-text');
    unread = all.filter(isUnread).map((hit) => String(hit['digest']));
    expect(unread).toHaveLength(1);
    held.push(...unread);
  });

  test('a hold covers what is archived', async () => {
    await muniment.ok('matter', 'create', 'Bridge', '--description', 'altered report');
    const place = async (query: string) =>
      (await muniment.ok('hold', 'place', '--matter', 'Bridge', '--query', query, '--reason', 'letter')).json[0];
    const placed = await place('heron');
    hold = String(placed?.['id']);
    expect(placed).toMatchObject({ messages: held.length, warnings: [] });
    disclosureHold = String((await place('subject:"quarterly disclosure"'))?.['id']);
  });

  test('and what arrives later (invariant 14)', async () => {
    await write('margit.halloran', 'late.eml', late);
    const sum = (await muniment.ok('import', muniment.path('mail'))).json[0];
    expect(sum).toMatchObject({ captured: 1, failed: 0 });
    expect((await muniment.ok('show', digestOf(late))).json[0]).toMatchObject({ holds: [hold] });
    const holds = (await muniment.ok('hold', 'list')).json;
    expect(holds.map((one) => [one['id'], one['messages'], one['unjudged']])).toEqual([
      [hold, held.length + 1, unread.length],
      [disclosureHold, 1 + unread.length, unread.length],
    ]);
    expect((await muniment.ok('matter', 'show', 'Bridge')).json[0]).toMatchObject({
      holds: [{ id: hold, unjudged: unread.length }, { id: disclosureHold }],
    });
  });

  test('what is held cannot be disposed of, whoever asks (invariant 13)', async () => {
    for (const digest of [held[0] ?? '', digestOf(late), digestOf(disclosure)]) {
      expect(await refusal(digest)).toEqual([2, 'held']);
    }
    expect((await muniment.ok('show', digestOf(late), '--raw')).stdout.equals(late)).toBe(true);
  });

  test('the backup before the disposal has it all', async () => {
    await muniment.ok('backup', '--to', `file:${muniment.path('copy')}`);
    for (const place of [muniment.archive, muniment.path('copy')]) {
      const places = placesOf(fragments, place).map((path) => path.replaceAll(/[0-9a-f]{8,}/gu, 'x'));
      expect(places).toEqual(
        expect.arrayContaining([expect.stringMatching(/\.seg$/u), expect.stringMatching(/sidecar/u)]),
      );
    }
    expect(placesOf(fragments, join(muniment.archive, 'derived'))).not.toEqual([]);
  });

  test('released and disposed of, it is in no file of the archive any more (invariant 17)', async () => {
    await muniment.ok('hold', 'release', disclosureHold, '--reason', 'settled');
    const certificate = (await muniment.ok('dispose', digestOf(disclosure), '--reason', 'erasure request')).json[0];
    expect(certificate).toMatchObject({ digest: digestOf(disclosure), size: disclosure.length });
    expect(placesOf(fragments, muniment.archive)).toEqual([]);
    const { entries } = await recordedIn(muniment.archive);
    const sequence = Number(certificate?.['sequence']);
    expect(entries[sequence]).toMatchObject({
      kind: 'disposed',
      order: certificate?.['order'],
      destruction: 'overwritten',
    });
    const { order, reason } = { order: certificate?.['order'], reason: 'erasure request' };
    const remains = { state: 'disposed', certificate: { order, reason, disposed: sequence } };
    expect((await muniment.ok('show', digestOf(disclosure))).json[0]).toMatchObject(remains);
    expect((await muniment.run('show', digestOf(disclosure), '--raw')).code).toBe(2);
    expect(await digestsFor('subject:"quarterly disclosure"')).toEqual([]);
    expect(await refusal(digestOf(disclosure))).toEqual([2, 'already-disposed']);
    expect(await refusal(digestOf(late))).toEqual([2, 'held']);
  });

  test('a later backup carries the disposal out there as well', async () => {
    const report = (await muniment.ok('backup', '--to', `file:${muniment.path('copy')}`)).json[0];
    expect(report).toMatchObject({ disposals: 1 });
    expect(placesOf(fragments, muniment.path('copy'))).toEqual([]);
  });

  test('what must be kept for a time cannot be disposed of either (invariant 15)', async () => {
    const free = (await digestsFor('NOT heron')).find((digest) => !unread.includes(digest)) ?? '';
    await muniment.ok('retention', 'set', '--default', '7y');
    expect(await refusal(free)).toEqual([2, 'retained']);
    await muniment.ok('retention', 'set', '--default', 'none');
    const promised = { promisedUntil: expect.stringMatching(/^\d{4}-/u) };
    expect((await muniment.ok('retention', 'show')).json[0]).toMatchObject({ default: null, ...promised });
    expect((await muniment.ok('status')).json[0]).toMatchObject({ retention: null, ...promised });
  });

  test('the export is checked by sha256sum alone, and repeats exactly (invariants 21, 22)', async () => {
    const first = (await muniment.ok('export', '--matter', 'Bridge', '--out', muniment.path('out'))).json[0];
    expect(first).toMatchObject({ exported: held.length + 1, exceptions: 0 });
    expect(execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: muniment.path('out') }).toString()).toBe(
      '',
    );
    const [key] = (await readFile(muniment.path('out', 'public-key.txt'), 'utf8')).split('\n');
    expect((await muniment.ok('status')).json[0]).toMatchObject({ verifierKey: key });
    const asOf = String(first?.['asOf']);
    await muniment.ok('search', 'heron');
    await muniment.ok('export', '--matter', 'Bridge', '--as-of', asOf, '--out', muniment.path('again'));
    const same = spawnSync('diff', ['-r', muniment.path('out'), muniment.path('again')], { encoding: 'utf8' });
    expect([same.status, same.stdout]).toEqual([0, '']);
    const manifest = (await readFile(muniment.path('out', 'manifest.jsonl'), 'utf8')).trim().split('\n');
    expect(manifest).toHaveLength(held.length + 1);
    const folder = muniment.path('out', 'messages');
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.eml'));
    const digests = await Promise.all(names.map(async (name) => digestOf(await readFile(join(folder, name)))));
    expect(new Set(digests)).toEqual(new Set([...held, digestOf(late)]));
  });

  test('restored from the backup it is read-only, until somebody adopts it and says why (invariant 19)', async () => {
    await muniment.ok('backup', '--to', `file:${muniment.path('copy')}`);
    const restored = muniment.on(muniment.path('restored'));
    await restored.ok('restore', '--from', `file:${muniment.path('copy')}`);
    expect(placesOf(fragments, restored.archive)).toEqual([]);
    expect((await restored.ok('status')).json[0]).toMatchObject({ readOnly: true, activeHolds: 1 });
    const refused = await restored.run('import', muniment.path('mail'));
    expect([refused.code, refused.json[0]?.['error']]).toEqual([2, 'read-only']);
    await restored.ok('restore', '--adopt', '--reason', 'the first machine burned');
    expect((await restored.ok('status')).json[0]).toMatchObject({ readOnly: false, epoch: 1 });
    const again = await restored.run('dispose', held[0] ?? '', '--reason', 'r');
    expect([again.code, again.json[0]?.['error']]).toEqual([2, 'held']);
    expect((await restored.ok('show', digestOf(late), '--raw')).stdout.equals(late)).toBe(true);
    expect((await restored.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test('disposed bytes that come back are a new generation, and the old ones stay gone', async () => {
    const sum = (await muniment.ok('import', muniment.path('mail'))).json[0];
    expect(sum).toMatchObject({ captured: 1, failed: 0 });
    expect((await muniment.ok('show', digestOf(disclosure))).json[0]).toMatchObject({
      generation: 2,
      state: 'archived',
    });
  });

  test('in the end every byte and every entry is as it should be', async () => {
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });
});
