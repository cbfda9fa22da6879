import { describe, expect, test } from '@jest/globals';
import type { BlobPut } from '#archive';
import { ParsingPool, recoverOrphans, Rereading } from '#ingest';
import { digestOf } from '#kernel';
import { verify } from '#verification';
import { letter, STARTED_AT, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const worker = new URL('./stand-ins/failing-worker.ts', import.meta.url);

/** What a capture stored before a crash kept it from being recorded. */
function stored(bytes: Buffer): BlobPut {
  const lock = { legalHold: false, retainUntil: null };
  const identity = { digest: digestOf(bytes), generation: 1, size: bytes.length };
  return { ...identity, content: { bytes }, lock, sighting: '0'.repeat(32), storedAt: STARTED_AT };
}

async function findingsOf(archive: WholeArchive): Promise<string[]> {
  const { ledgerStore, clock, catalog, index } = archive;
  await archive.recorder.catchUp();
  const found: string[] = [];
  const parts = { ledgerStore, archive: archive.archive, clock, catalog, index, messages: archive.rereading };
  for await (const { code, problem } of verify(parts, { full: true })) found.push(`${code} ${problem}`);
  return found;
}

async function placeHold(archive: WholeArchive, query: string): Promise<string> {
  const matter = await archive.matters.create({ name: `matter of ${query}`, description: '' }, 'cli');
  const { hold } = await archive.holds.place({ matter: matter.id, query, reason: 'claim' }, 'cli');
  return hold.id;
}

describe('messages that a crash left without an entry', () => {
  test('are recorded, indexed and counted once', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([letter(1), letter(2)]);
    await archive.archive.putAll([stored(letter(3)), stored(letter(4))]);
    expect(await recoverOrphans(archive)).toBe(2);
    expect(await recoverOrphans(archive)).toBe(0);
    expect(archive.message(letter(3))).toMatchObject({ state: 'archived', generation: 1 });
    expect(await findingsOf(archive)).toEqual([]);
  });

  test('shown again by their source they are sightings, not second captures', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.archive.putAll([stored(letter(3))]);
    await recoverOrphans(archive);
    expect(await archive.capture([letter(3)])).toEqual(['sighted']);
    expect(archive.catalog.messages.totals().messages).toBe(1);
  });

  test('are held by what they say, and whatever custodian or mailbox a hold asks for (invariant 14)', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    const byWords = await placeHold(archive, 'subject:"letter 3"');
    const byPerson = await placeHold(archive, 'custodian:somebody harbour');
    const byAbsence = await placeHold(archive, 'NOT custodian:somebody harbour');
    await placeHold(archive, 'subject:nothing');
    await archive.archive.putAll([stored(letter(3)), stored(letter(4))]);
    await recoverOrphans(archive);
    const holdsOn = (bytes: Buffer) =>
      archive.catalog.holds.onMessage(archive.message(bytes).sequence).map(({ id }) => id);
    expect(holdsOn(letter(3)).sort()).toEqual([byWords, byPerson, byAbsence].sort());
    expect(holdsOn(letter(4)).sort()).toEqual([byPerson, byAbsence].sort());
    expect((await archive.archive.stat(archive.message(letter(4))))?.lock.legalHold).toBe(true);
    expect(await findingsOf(archive)).toEqual([]);
  });

  test('are kept as long as if they were captured now, whatever the clock said when they were stored', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.retention.setDefault('30d', 'cli');
    await archive.archive.putAll([{ ...stored(letter(3)), storedAt: STARTED_AT - 60 * 86_400_000 }]);
    await recoverOrphans(archive);
    const { capturedAt, retainUntil } = archive.message(letter(3));
    expect(retainUntil).toBe(capturedAt + 30 * 86_400_000);
    expect(await findingsOf(archive)).toEqual([]);
  });

  test('are held by every hold on words where they take too long to read', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    const byWords = await placeHold(archive, 'subject:nothing');
    const slow = letter(3, 'please hang');
    await archive.archive.putAll([stored(slow)]);
    await using pool = new ParsingPool(1, { worker, messageTimeMaxMs: 1000 });
    const { recorder, retention, clock } = archive;
    const rereading = new Rereading({ archive: archive.archive, pool });
    await recoverOrphans({ recorder, archive: archive.archive, retention, rereading, clock });
    const { sequence, flags } = archive.message(slow);
    expect(flags).toEqual(['parse-timeout']);
    expect(archive.catalog.holds.onMessage(sequence).map(({ id }) => id)).toEqual([byWords]);
  });

  test('are kept as long as the schedule demands', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.retention.setDefault('7y', 'cli');
    await archive.archive.putAll([stored(letter(3))]);
    await recoverOrphans(archive);
    const until = Date.UTC(2033, 0, 5, 9);
    expect((await archive.archive.stat(archive.message(letter(3))))?.lock.retainUntil).toBe(until);
    expect(archive.message(letter(3)).retainUntil).toBe(until);
  });
});
