import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Deployment, openDeployment, readConfig } from '#app';
import type { BlobPut } from '#archive';
import { captureJob, idOfImport, type Source, UidSet } from '#ingest';
import type { JobOutcome } from '#jobs';
import { asDigest, newName } from '#kernel';
import type { Entry, EntryDraft } from '#ledger';
import { FileSource } from '../../services/ingest/sources/file-source.ts';
import { OwnFolders } from '../../services/ingest/sources/own-folders.ts';
import { Muniment } from '../muniment.ts';

const letter = Buffer.from(
  'From: ada@example.org\r\nTo: bea@example.org\r\nSubject: the heron\r\nDate: Mon, 6 May 2024 10:00:00 +0000\r\n\r\nIt nests below the bridge.\r\n'.concat(
    // As long as what is worth compressing.
    'Nobody has counted them. '.repeat(80),
  ),
);
const other = Buffer.from('From: ada@example.org\r\nSubject: lunch\r\n\r\nnothing of interest\r\n');
const digest = asDigest(createHash('sha256').update(letter).digest('hex'));
const otherDigest = asDigest(createHash('sha256').update(other).digest('hex'));
const nothingAccounted = { accounted: () => Promise.resolve(new UidSet([])) };

/** Stops in front of the archive, so that a test can look at what is on its way. */
class Gate {
  readonly puts: BlobPut[][] = [];
  readonly #reached = Promise.withResolvers<void>();
  readonly #open = Promise.withResolvers<void>();

  constructor(deployment: Deployment) {
    const { archive } = deployment;
    const putAll = archive.putAll.bind(archive);
    archive.putAll = async (puts) => {
      this.puts.push([...puts]);
      this.#reached.resolve();
      await this.#open.promise;
      return await putAll(puts);
    };
  }

  async reached(): Promise<void> {
    await this.#reached.promise;
  }

  open(): void {
    this.#open.resolve();
  }
}

/** DESIGN §5, step by step: each test goes on where the one before it stopped. */
describe('the life of a message', () => {
  let muniment: Muniment;
  let deployment: Deployment;
  let source: Source;
  let gate: Gate;
  let key: string;
  let outcome: Promise<readonly JobOutcome[]>;
  let firstHold: string;
  let secondHold: string;

  async function opened(): Promise<Deployment> {
    return await openDeployment(readConfig({}, `file:${muniment.archive}`), { create: true });
  }

  async function reopened(): Promise<readonly string[]> {
    await deployment[Symbol.asyncDispose]();
    deployment = await opened();
    return deployment.notes;
  }

  async function entries(from = 0): Promise<Entry[]> {
    const all: Entry[] = [];
    for await (const batch of deployment.ledger.read(from)) all.push(...batch.entries);
    return all.filter((entry) => entry.sequence >= from);
  }

  async function appended(draft: EntryDraft): Promise<void> {
    expect((await deployment.ledger.append([draft])).outcome).toBe('appended');
  }

  /** What the source shows of the file of that name, put into the spool. */
  async function spooled(name: string): Promise<string> {
    for await (const found of source.sightings(nothingAccounted, new AbortController().signal)) {
      if (found.kind !== 'message' || found.place.path !== name) continue;
      const { place, content, size } = found;
      const item = { source: source.id, place, digest: found.digest, size, content, seenAt: deployment.clock.now() };
      return await deployment.spool.put(item);
    }
    throw new Error(`${name} was not seen`);
  }

  async function placeHold(query: string): Promise<string> {
    const { hold } = await deployment.holds.place({ matter: 'm', query, reason: 'r' }, 'test');
    return hold.id;
  }

  beforeAll(async () => {
    muniment = await Muniment.make();
    const mail = muniment.path('mail');
    await mkdir(mail);
    await writeFile(muniment.path('mail', '1.eml'), letter);
    await writeFile(muniment.path('mail', '2.eml'), letter);
    await writeFile(muniment.path('mail', '3.eml'), other);
    deployment = await opened();
    await deployment.matters.create({ name: 'm', description: '' }, 'test');
    firstHold = await placeHold('heron');
    const id = idOfImport(deployment.catalog.sightingSalt ?? '', mail);
    const own = new OwnFolders({ folders: [], marker: 'muniment.json' });
    source = new FileSource({
      id,
      path: mail,
      format: 'auto',
      custodian: 'ada',
      temporaryFolder: muniment.folder,
      own,
    });
    gate = new Gate(deployment);
  });
  afterAll(async () => {
    await deployment[Symbol.asyncDispose]();
    await muniment[Symbol.asyncDispose]();
  });

  test('1. a source sees it, hashes it as it comes in, and puts it into the spool', async () => {
    key = await spooled('1.eml');
    expect(await deployment.spool.get(key)).toMatchObject({ digest, size: letter.length, place: { custodian: 'ada' } });
    expect(await deployment.spool.heldBytes()).toBeGreaterThanOrEqual(letter.length);
  });

  test('2. a job carries its key through the queue, and nothing of it besides', async () => {
    const payload = { key };
    expect(key).toMatch(/^[0-9a-f]{32}$/u);
    outcome = deployment.queue.submit(captureJob, [payload]);
    await gate.reached();
    expect(await deployment.queue.counts(captureJob)).toMatchObject({ running: 1, waiting: 0, failed: 0 });
    expect(await deployment.spool.get(key)).toBeDefined();
  });

  test('3. a worker reads it: parsed, analysed, compressed', () => {
    const put = gate.puts[0]?.[0];
    expect(put).toMatchObject({ digest, generation: 1, size: letter.length });
    expect(zstdDecompressSync(put?.zstd ?? Buffer.alloc(0)).equals(letter)).toBe(true);
  });

  test('4. holds and retention say what applies to it now', () => {
    expect(gate.puts[0]?.[0]?.lock).toEqual({ legalHold: true, retainUntil: null });
  });

  test('5. the archive stores its bytes under digest and generation, with the lock, before any entry names it', async () => {
    expect(await deployment.archive.stat({ digest, generation: 1 })).toBeUndefined();
    // Policy changes while the capture is on its way.
    secondHold = await placeHold('from:ada@example.org');
    gate.open();
    expect(await outcome).toEqual([expect.objectContaining({ ok: true, result: 'captured' })]);
    const stat = await deployment.archive.stat({ digest, generation: 1 });
    expect(stat).toMatchObject({ size: letter.length, lock: { legalHold: true } });
    expect(stat?.sighting).toBe(gate.puts[0]?.[0]?.sighting);
    expect((await deployment.archive.read({ digest, generation: 1 })).equals(letter)).toBe(true);
  });

  test('6. the ledger records it; judged by an older policy it came back first, so a hold in flight covers it', async () => {
    expect(gate.puts).toHaveLength(2);
    const captures = (await entries()).filter((entry) => entry.kind === 'capture');
    const placed = (await entries()).filter((entry) => entry.kind === 'hold-placed');
    expect(captures).toEqual([expect.objectContaining({ digest, generation: 1, policy: placed.at(-1)?.sequence })]);
    expect(new Set(captures[0]?.holds)).toEqual(new Set([firstHold, secondHold]));
  });

  test('7. the source is answered: the spool item is gone, and the same sighting again adds nothing', async () => {
    expect(await deployment.spool.get(key)).toBeUndefined();
    expect(await deployment.spool.heldBytes()).toBe(0);
    const { size } = deployment.ledger.head;
    const again = await deployment.queue.submit(captureJob, [{ key: await spooled('1.eml') }]);
    expect(again).toEqual([expect.objectContaining({ result: 'known' })]);
    expect(deployment.ledger.head.size).toBe(size);
    const copy = await deployment.queue.submit(captureJob, [{ key: await spooled('2.eml') }]);
    expect(copy).toEqual([expect.objectContaining({ result: 'sighted' })]);
    expect(deployment.catalog.messages.totals()).toMatchObject({ messages: 1 });
  });

  test('8. catalog and index follow, and fill what they lack', async () => {
    expect(deployment.catalog.position()).toBe(deployment.ledger.head.size);
    expect(await deployment.index.position()).toBe(deployment.ledger.head.size);
    const message = deployment.reading.find(digest);
    await appended({
      kind: 'matter-created',
      actor: 'test',
      matter: newName('matter'),
      aside: { name: 'n', description: '' },
    });
    expect(await deployment.index.position()).toBeLessThan(deployment.ledger.head.size);
    await deployment.recorder.catchUp();
    expect(await deployment.index.position()).toBe(deployment.ledger.head.size);
    expect((await deployment.reading.about(message)).sightings).toHaveLength(2);
  });

  test('9. a person finds and reads it, as of a sequence; both are in the ledger before the answer', async () => {
    const { sequence } = deployment.reading.find(digest);
    const ask = async (asOf: number) =>
      (await deployment.searching.search({ query: 'nests heron', sort: 'date', limit: 10, asOf }, 'eve')).hits;
    expect(await ask(sequence - 1)).toEqual([]);
    expect(await ask(sequence)).toEqual([expect.objectContaining({ digest, sequence, custodians: ['ada'] })]);
    const from = deployment.ledger.head.size;
    const chunks = deployment.reading.raw(deployment.reading.find(digest), 'eve')[Symbol.asyncIterator]();
    const first = await chunks.next();
    expect(await entries(from)).toEqual([
      expect.objectContaining({ kind: 'read', actor: 'eve', what: 'raw', captures: [sequence] }),
    ]);
    expect(first.value?.equals(letter)).toBe(true);
    expect((await chunks.next()).done).toBe(true);
  });

  test('10. a hold and a disposal are entries first; an effect that a crash cut short is found and finished', async () => {
    const message = deployment.reading.find(digest);
    await expect(deployment.disposition.dispose(message, 'r', 'test')).rejects.toMatchObject({ code: 'held' });
    await deployment.holds.release(secondHold, 'r', 'test');
    await deployment.queue.submit(captureJob, [{ key: await spooled('3.eml') }]);
    const victim = deployment.reading.find(otherDigest);
    const order = newName('disposal');
    const named = { order, digest: otherDigest, generation: 1, capture: victim.sequence };
    const judgedThrough = deployment.ledger.head.policy;
    await appended({ kind: 'disposing', actor: 'test', ...named, judgedThrough, aside: { reason: 'r' } });
    const hold = newName('hold');
    const { id: matter } = deployment.matters.get('m');
    await appended({ kind: 'hold-placed', actor: 'test', hold, matter, aside: { query: 'bridge', reason: 'r' } });

    expect(await reopened()).toEqual([
      '1 interrupted disposals were finished',
      '1 interrupted hold sweeps were finished',
    ]);

    expect(await deployment.archive.stat(victim)).toBeUndefined();
    expect((await entries()).filter((entry) => entry.kind === 'disposed')).toEqual([expect.objectContaining(named)]);
    expect((await deployment.reading.about(deployment.reading.find(digest))).holds).toEqual([firstHold, hold]);
    expect(await reopened()).toEqual([]);
    expect((await deployment.archive.read({ digest, generation: 1 })).equals(letter)).toBe(true);
  });
});
