import { afterAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { backup, restore, type StoredArchive } from '#backup';
import { verify } from '#verification';
import { noise } from '../contract/blob-puts.ts';
import { seeds } from '../soak.ts';
import { filesWith, letter, openStores, STARTED_AT, TemporaryFolder, WholeArchive } from '../whole-archive.ts';

const CHILD = fileURLToPath(new URL('backup-child.ts', import.meta.url));
const clock = { now: () => STARTED_AT };
const secret = letter(99, 'zanzibarsecret');

function letters(from: number, to: number): Buffer[] {
  return Array.from({ length: to - from }, (_, index) => letter(from + index));
}

/** A source, a backup of it, and much that happened since: mail, a hold, a release, disposals, a schedule. */
async function prepare(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.make();
  await using source = await WholeArchive.open(join(folder.path, 'source'));
  await source.capture([...letters(0, 12), secret], 'quetzalcoatl');
  const matter = await source.matters.create({ name: 'harbour', description: '' }, 'cli');
  const first = await source.holds.place({ matter: matter.id, query: 'subject:"letter 1"', reason: 'claim' }, 'cli');
  {
    await using target = await openStores(join(folder.path, 'target'));
    await backup(source, target, { clock, actor: 'cli', to: 'file:backup' });
  }
  for (let at = 12; at < 24; at += 3) await source.capture(letters(at, at + 3), 'ada');
  await source.holds.release(first.hold.id, 'settled', 'cli');
  await source.holds.place({ matter: matter.id, query: 'subject:"letter 5"', reason: 'claim' }, 'cli');
  for (const bytes of [secret, letter(1), letter(13)]) {
    await source.disposition.dispose(source.message(bytes), 'erasure', 'cli');
  }
  await source.capture(letters(24, 28), 'ada');
  await source.retention.setDefault('7y', 'cli');
  return folder;
}

const prepared = prepare();
afterAll(async () => (await prepared)[Symbol.asyncDispose]());

/** All messages of a backup, and the ledger batches between its first and its newest. */
async function loseMuch(root: string): Promise<void> {
  const segments = join(root, 'archive', 'segments');
  for (const name of await readdir(segments)) if (name.endsWith('.seg')) await rm(join(segments, name));
  const ledger = join(root, 'ledger');
  const batches = (await readdir(ledger)).filter((name) => /^[0-9a-f]{16}$/u.test(name)).sort();
  for (const name of batches.slice(1, -1)) await rm(join(ledger, name));
}

/** Runs until the given line and kills; true when it was killed, false when it was done before. */
async function runAndKill(mode: string, from: string, to: string, afterLines: number): Promise<boolean> {
  const child = spawn(process.execPath, [CHILD, mode, from, to], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let lines = 0;
  for await (const _line of createInterface({ input: child.stdout })) {
    lines += 1;
    if (lines === afterLines) child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  expect(signal === 'SIGKILL' || code === 0).toBe(true);
  return signal === 'SIGKILL';
}

async function expectSound({ archive, ledgerStore }: StoredArchive): Promise<void> {
  const found: unknown[] = [];
  for await (const finding of verify({ archive, ledgerStore, clock }, { full: true })) found.push(finding);
  expect(found).toEqual([]);
}

async function expectLocksOf(source: WholeArchive, target: StoredArchive): Promise<void> {
  for (const message of source.catalog.messages.range()) {
    const [original, copy] = [await source.archive.stat(message), await target.archive.stat(message)];
    expect([message.sequence, copy?.lock]).toEqual([message.sequence, original?.lock]);
  }
}

describe('kill -9', () => {
  test.each([
    ['a backup runs: the next run completes it, disposals and locks included (invariants 17, 24, 25)', 'whole'],
    ['a backup copies again what it had lost: the next run goes on with what it lacks still', 'lost'],
  ])(
    'while %s',
    async (_promise, state) => {
      const rounds = seeds(state === 'whole' ? 15 : 6, 100);
      const moments = noise(state === 'whole' ? 7 : 13, rounds * 2);
      let killed = 0;
      for (let round = 0; round < rounds; round++) {
        await using folder = await TemporaryFolder.make();
        await cp((await prepared).path, folder.path, { recursive: true });
        const [from, to] = [join(folder.path, 'source'), join(folder.path, 'target')];
        if (state === 'lost') await loseMuch(to);
        if (await runAndKill('backup', from, to, 1 + (moments.readUInt16LE(round * 2) % 240))) killed += 1;
        {
          await using source = await WholeArchive.open(from);
          await using target = await openStores(to);
          const report = await backup(source, target, { clock, actor: 'cli', to: 'file:backup' });
          expect(report.messages).toBe(26);
          await expectSound(target);
          await expectLocksOf(source, target);
        }
        expect([round, await filesWith(to, 'zanzibarsecret')]).toEqual([round, []]);
      }
      expect(killed).toBeGreaterThan(rounds / 2);
    },
    600_000,
  );

  test('while a restore runs: it is resumed to the same root (invariant 25)', async () => {
    await using folder = await TemporaryFolder.make();
    const whole = join(folder.path, 'backup');
    await cp((await prepared).path, folder.path, { recursive: true });
    await using source = await WholeArchive.open(join(folder.path, 'source'));
    {
      await using target = await openStores(whole);
      await backup(source, target, { clock, actor: 'cli', to: 'file:backup' });
    }
    const rounds = seeds(5, 50);
    const moments = noise(11, rounds * 2);
    for (let round = 0; round < rounds; round++) {
      const into = join(folder.path, `into-${round}`);
      await runAndKill('restore', whole, into, 1 + (moments.readUInt16LE(round * 2) % 150));
      await using target = await openStores(whole);
      await using restored = await openStores(into);
      const report = await restore(target, restored, { clock, resume: true });
      expect(report).toMatchObject({ messages: 26, missing: [] });
      await expectSound(restored);
    }
  }, 600_000);
});
