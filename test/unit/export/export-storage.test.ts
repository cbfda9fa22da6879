import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryBlobStore } from '../../../services/archive/adapters/memory-blob-store.ts';
import { examinedDraft, soundProbes, unsoundProbes } from '../../sample-ledger.ts';
import { mail, openArchive, Stores, type TestArchive } from './export-archive.ts';
import { filesIn, sha256sumAccepts, temporaryFolder } from './export-files.ts';

const day = 86_400_000;

/** As storage that locks; whether it does is for the ledger to say. */
class LockingBlobStore extends MemoryBlobStore {
  override readonly capabilities = { ...new MemoryBlobStore().capabilities, lock: 'object-lock-governance' as const };
}

describe('what an export says of storage (invariant 16)', () => {
  let archive: TestArchive;
  let place: Awaited<ReturnType<typeof temporaryFolder>>;
  let runs = 0;

  beforeEach(async () => {
    place = await temporaryFolder();
    archive = await openArchive(new Stores(new LockingBlobStore()));
    await archive.add(mail('flight', 'The flight to Oslo'));
  });

  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  async function examine(verdict: 'sound' | 'unsound'): Promise<number> {
    const examinedAt = archive.stores.clock.now();
    const probes = verdict === 'sound' ? soundProbes : unsoundProbes;
    await archive.ledger.append([examinedDraft(verdict, probes, { examinedAt })]);
    return archive.newest;
  }

  async function exported(asOf?: number, from = archive) {
    const out = join(place.path, `run-${runs++}`);
    const summary = await from.exporter.export({ selection: { all: true }, out, format: 'eml', asOf }, 'test');
    expect(sha256sumAccepts(out)).toBe(true);
    const said: unknown = JSON.parse(await readFile(join(out, 'storage.json'), 'utf8'));
    const text = await readFile(join(out, 'README.txt'), 'utf8');
    return { summary, said, files: await filesIn(out), sentence: /Storage: +([\s\S]*?)\n\n/u.exec(text)?.[1] ?? '' };
  }

  test('an archive that a program keeps is not called write-once', async () => {
    await using plain = await openArchive();
    await plain.add(mail('flight', 'The flight to Oslo'));
    await plain.ledger.append([examinedDraft('sound', soundProbes)]);
    const { said, sentence, summary } = await exported(undefined, plain);
    expect(said).toMatchObject({ lock: 'application', worm: 'none', since: null, provenAt: null });
    expect(sentence).toContain('That is not write-once storage (WORM).');
    expect(summary.worm).toBe('none');
  });

  test('nor is storage that nobody has examined', async () => {
    const { said, sentence } = await exported();
    expect(said).toMatchObject({ worm: 'never-examined' });
    expect(sentence).toMatch(/^Not called write-once/u);
  });

  test('storage whose lock was proven is, as of that sequence, with what the mode is worth', async () => {
    const provenAt = new Date(archive.stores.clock.now()).toISOString();
    const since = await examine('sound');
    const { said, sentence, summary } = await exported();
    expect(said).toEqual({ asOf: since, lock: 'object-lock-governance', worm: 'sound', since, provenAt, failed: [] });
    expect(sentence).toMatch(/^Write-once \(WORM\) since sequence \d+/u);
    expect(sentence).toContain(provenAt);
    expect(sentence).toContain('governance mode, which a right of its own can bypass');
    expect(summary.worm).toBe('sound');
  });

  test('while a lock does not hold an export does not claim it, and one as of an earlier sequence stays as it was', async () => {
    const soundAt = await examine('sound');
    const before = await exported(soundAt);
    const unsoundAt = await examine('unsound');
    const { said, sentence, summary } = await exported();
    expect(said).toMatchObject({ worm: 'withdrawn', since: unsoundAt, provenAt: null, failed: ['delete-version'] });
    expect(sentence).toMatch(/^NOT WRITE-ONCE/u);
    expect(sentence).toContain('delete-version');
    expect(summary.worm).toBe('withdrawn');
    expect((await exported(soundAt)).files).toEqual(before.files);
    const againAt = await examine('sound');
    expect((await exported()).said).toMatchObject({ worm: 'sound', since: againAt });
  });

  test('a proof counts for two days of the ledger, whenever the export is made', async () => {
    const soundAt = await examine('sound');
    archive.stores.clock.advance(3 * day);
    expect((await exported(soundAt)).said).toMatchObject({ worm: 'sound' });
    await archive.add(mail('hotel', 'The hotel in Oslo'));
    const { said, sentence } = await exported();
    expect(said).toMatchObject({ worm: 'lapsed' });
    expect(sentence).toMatch(/^Not called write-once/u);
  });
});
