import { statSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verify } from '#verification';
import { noise } from '../contract/blob-puts.ts';
import { seeds } from '../soak.ts';
import { letter, openStores, STARTED_AT, TemporaryFolder, WholeArchive } from '../whole-archive.ts';

async function small(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.make();
  await using archive = await WholeArchive.open(folder.path);
  await archive.capture([letter(1), letter(2), letter(40)]);
  const matter = await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
  await archive.holds.place({ matter: matter.id, query: 'subject:"letter 1"', reason: 'claim' }, 'cli');
  await archive.disposition.dispose(archive.message(letter(2)), 'expired', 'cli');
  return folder;
}

const folder = small();
afterAll(async () => (await folder)[Symbol.asyncDispose]());

/** Everything that is the state: segments, batches, sidecars. */
async function stateFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  for (const part of ['archive', 'ledger']) {
    const entries = await readdir(join(root, part), { recursive: true, withFileTypes: true });
    files.push(...entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
  }
  return files.sort();
}

async function findings(root: string): Promise<number> {
  await using stores = await openStores(root);
  const { archive, ledgerStore } = stores;
  const verification = verify({ archive, ledgerStore, clock: { now: () => STARTED_AT } }, { full: true });
  for await (const { problem, remedy } of verification) expect([problem, remedy]).not.toContain('');
  return verification.summary.findings;
}

describe('one changed byte anywhere in the state', () => {
  test('is found (invariants 18 and 26)', async () => {
    const root = (await folder).path;
    expect(await findings(root)).toBe(0);
    // Of a file that says everything by its name no byte can be changed.
    const files = (await stateFiles(root)).filter((file) => statSync(file).size > 0);
    const rounds = seeds(80, 3000);
    const places = noise(23, rounds * 5);
    for (let round = 0; round < rounds; round++) {
      const file = files[round % files.length] ?? '';
      const original = await readFile(file);
      const at = places.readUInt32LE(round * 5) % original.length;
      const changed = Buffer.from(original);
      changed[at] = (changed[at] ?? 0) ^ (1 << ((places[round * 5 + 4] ?? 0) % 8));
      await writeFile(file, changed);
      expect([file, at, (await findings(root)) > 0]).toEqual([file, at, true]);
      await writeFile(file, original);
    }
    expect(await findings(root)).toBe(0);
  }, 600_000);

  test('and one more at the end of any file', async () => {
    const root = (await folder).path;
    const files = await stateFiles(root);
    expect(files.some((file) => statSync(file).size === 0)).toBe(true);
    for (const file of files) {
      const { size } = statSync(file);
      await appendFile(file, 'x');
      expect([file, (await findings(root)) > 0]).toEqual([file, true]);
      await truncate(file, size);
    }
    expect(await findings(root)).toBe(0);
  }, 600_000);
});
