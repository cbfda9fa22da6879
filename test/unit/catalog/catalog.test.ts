import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Catalog } from '#catalog';
import { asDigest, asSequence } from '#kernel';
import { discardedDraft, examinedDraft, savedDraft, soundProbes, unsoundProbes } from '../../sample-ledger.ts';
import { TemporaryFolder } from '../../whole-archive.ts';
import {
  batchOf,
  capture,
  digest,
  disposed,
  disposing,
  type Draft,
  foldedFrom,
  foldInto,
  holdPlaced,
  key,
  sighting,
  timeAt,
} from './entries.ts';

const at = asSequence;
const mailbox = { mailboxEpoch: key(77), uid: 5 };

/** One entry of every kind. */
const everything: readonly Draft[] = [
  { kind: 'epoch', actor: 'cli', number: 0, origin: 'o', publicKey: 'k', aside: { sightingSalt: 'c2FsdA==' } },
  {
    kind: 'source-changed',
    actor: 'cli',
    source: 'src',
    type: 'imap',
    action: 'added',
    aside: { name: 'post', custodian: 'ada' },
  },
  { kind: 'matter-created', actor: 'cli', matter: 'm', aside: { name: 'harbour', description: 'd' } },
  holdPlaced('h', 'apple'),
  capture('a', 1, { ...mailbox, holds: ['h'], retainUntil: 100, flags: ['encrypted'] }),
  sighting('a', 2, { retainUntil: 90 }),
  sighting('a', 3, { retainUntil: 120 }),
  { kind: 'recovered', digest: digest('b'), generation: 1, size: 7, policy: 0, holds: ['h'], flags: [], aside: {} },
  capture('c', 4),
  { kind: 'hold-applied', hold: 'h', captures: [[at(8), at(9)]], count: 1, aside: {} },
  { kind: 'hold-swept', hold: 'h', through: at(3), count: 1, aside: {} },
  { kind: 'gone', source: 'src', mailboxEpoch: key(77), uid: 6, aside: { mailbox: 'inbox' } },
  {
    kind: 'quarantined',
    source: 'src',
    mailboxEpoch: key(77),
    uid: 8,
    attempts: 1,
    code: 'empty',
    aside: { mailbox: 'inbox', reason: 'r' },
  },
  {
    kind: 'collection',
    source: 'src',
    collection: 'run',
    startedAt: 1,
    found: 3,
    captured: 2,
    alreadyArchived: 1,
    failed: 0,
    ignored: 4,
    aside: { failures: [] },
  },
  { kind: 'schedule-changed', actor: 'cli', schedule: 'default', period: 'P7Y', aside: {} },
  { kind: 'search', actor: 'cli', asOf: at(3), total: 1, shown: 1, aside: { query: 'apple' } },
  { kind: 'read', actor: 'cli', what: 'raw', captures: [at(4)], aside: {} },
  { kind: 'token-rotated', actor: 'cli', token: 't', aside: {} },
  { kind: 'key-rotated', actor: 'cli', publicKey: 'k2', aside: {} },
  disposing('c', 8),
  disposed('c', 8),
  { kind: 'hold-released', actor: 'cli', hold: 'h', aside: { reason: 'over' } },
  examinedDraft('sound', soundProbes),
  examinedDraft('unsound', unsoundProbes),
  savedDraft('s', 'fruit', 'apple'),
  savedDraft('t', 'other', 'pear'),
  discardedDraft('t'),
];

/** Everything in a catalog's file, without ids that only it gives. */
function rows(file: string): Record<string, unknown[]> {
  using db = new DatabaseSync(file, { readOnly: true });
  const tables = db.prepare("select name from sqlite_master where type = 'table' order by name").all();
  const content = tables.map(({ name }): [string, unknown[]] => {
    const all = db.prepare(`select * from ${String(name)}`).all();
    return [String(name), all.map((row) => JSON.stringify(row)).toSorted()];
  });
  return Object.fromEntries(content);
}

describe('the fold', () => {
  test('gives each kind of entry its effect', async () => {
    using catalog = await foldedFrom(everything);
    expect(catalog.sightingSalt).toBe('c2FsdA==');
    expect(catalog.messages.bySequence(at(4))).toEqual({
      sequence: 4,
      digest: digest('a'),
      generation: 1,
      size: 10,
      capturedAt: timeAt(0),
      flags: ['encrypted'],
      retainUntil: 120,
      state: 'archived',
    });
    expect(catalog.messages.bySequence(at(7))).toMatchObject({ digest: digest('b'), size: 7, state: 'archived' });
    expect(catalog.messages.bySequence(at(8))).toMatchObject({ digest: digest('c'), state: 'disposed' });
    expect(catalog.messages.totals()).toEqual({ messages: 3, bytes: 17, disposed: 1 });
    expect(catalog.messages.flagged().map(({ sequence }) => sequence)).toEqual([4]);
    expect(catalog.sightings.ofMessage(at(4)).map(({ path }) => path)).toEqual([
      'a.eml',
      'copy of a.eml',
      'copy of a.eml',
    ]);
    expect(catalog.sightings.ofMessage(at(7))).toEqual([]);
    expect([...catalog.holds.messagesOf('h')]).toEqual([4, 7]);
    expect(catalog.holds.byId('h')).toMatchObject({ query: 'apple', releasedBy: 21, swept: false });
    expect(catalog.holds.onMessage(at(4))).toEqual([]);
    expect(catalog.accounting.uidRanges(key(77))).toEqual([[5, 6]]);
    expect(catalog.accounting.inQuarantine('src')).toEqual([
      { source: 'src', mailbox: 'inbox', uid: 8, code: 'empty', attempts: 1 },
    ]);
    expect(catalog.sources.byName('post')).toMatchObject({ id: 'src', type: 'imap' });
    expect(catalog.sources.collections('src')).toEqual([expect.objectContaining({ id: 'run', found: 3, ignored: 4 })]);
    expect(catalog.matters.find('harbour')).toMatchObject({ id: 'm', createdAt: timeAt(0) });
    expect(catalog.dispositions.schedule()).toEqual({ sequence: 14, period: 'P7Y' });
    expect(catalog.dispositions.byOrder('order')).toMatchObject({ message: 8, disposed: 20, reason: 'expired' });
    expect(catalog.dispositions.unfinished()).toEqual([]);
    expect(catalog.examinations.all().map(({ sequence, worm }) => [sequence, worm])).toEqual([
      [22, 'sound'],
      [23, 'withdrawn'],
    ]);
    expect(catalog.savedSearches.ofMatter('m')).toMatchObject([
      { id: 's', sequence: 24, name: 'fruit', query: 'apple' },
    ]);
    expect([catalog.position(), catalog.policy]).toEqual([27, 21]);
  });

  test('twice, in one batch or in many, gives the same rows (invariant 23)', async () => {
    await using folder = await TemporaryFolder.make();
    const [one, many] = [join(folder.path, 'one'), join(folder.path, 'many')];
    (await foldedFrom(everything, one))[Symbol.dispose]();
    const first = rows(one);
    Catalog.remove(one);
    (await foldedFrom(everything, one))[Symbol.dispose]();
    expect(rows(one)).toEqual(first);
    using singly = Catalog.open(many);
    // One time for all, as in the one batch.
    for (const [index, draft] of everything.entries()) {
      const batch = batchOf(index, [draft]);
      await singly.apply({
        ...batch,
        time: timeAt(0),
        entries: batch.entries.map((entry) => ({ ...entry, time: timeAt(0) })),
      });
    }
    const { batch: _, ...tables } = rows(many);
    expect(tables).toEqual({ ...first, batch: undefined });
  });

  test('counts the first capture of a digest, and takes a repeated one for a sighting (invariant 8)', async () => {
    using catalog = await foldedFrom([
      holdPlaced('h', 'x'),
      capture('a', 1),
      capture('a', 2, { holds: ['h'], retainUntil: 50 }),
      capture('a', 1),
    ]);
    expect(catalog.messages.totals().messages).toBe(1);
    expect(catalog.messages.bySequence(at(1))?.retainUntil).toBe(50);
    expect(catalog.sightings.ofMessage(at(1)).map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(catalog.sightings.entriesOf(at(1))).toEqual([1, 2, 3]);
    expect([...catalog.holds.messagesOf('h')]).toEqual([1]);
  });

  test('records equal sightings once, and still knows every entry whose line a disposal must erase (invariants 8, 17)', async () => {
    using catalog = await foldedFrom([capture('a', 1), sighting('a', 2), sighting('a', 2), sighting('a', 1)]);
    expect(catalog.sightings.count()).toBe(2);
    expect(catalog.sightings.entriesOf(at(0))).toEqual([0, 1, 2, 3]);
  });

  test('keeps account of a sighting of bytes that nobody captured', async () => {
    using catalog = await foldedFrom([sighting('f', 1, mailbox)]);
    expect(catalog.sightings.count()).toBe(0);
    expect(catalog.accounting.uidRanges(key(77))).toEqual([[5, 5]]);
  });

  test('goes on without the lines that were erased', async () => {
    const erased = 'erased' as const;
    using catalog = await foldedFrom([
      { ...holdPlaced('h', 'apple'), aside: erased },
      capture('a', 1, { aside: erased }),
      { kind: 'matter-created', actor: 'cli', matter: 'm', aside: erased },
      { ...disposing('a', 1), aside: erased },
    ]);
    expect(catalog.holds.byId('h')?.query).toBe('*');
    expect(catalog.sightings.ofMessage(at(1))).toMatchObject([{ custodian: '', mailbox: '' }]);
    expect(catalog.matters.find('m')?.name).toBe('m');
    expect(catalog.messages.bySequence(at(1))?.state).toBe('disposing');
    expect(catalog.dispositions.unfinished()).toMatchObject([{ order: 'order', reason: '' }]);
  });

  test('takes the first of two entries of one hold, matter or order', async () => {
    using catalog = await foldedFrom([
      holdPlaced('h', 'apple'),
      holdPlaced('h', 'nothing'),
      capture('a', 1),
      disposing('a', 2),
      disposing('a', 2),
    ]);
    expect(catalog.holds.all()).toMatchObject([{ query: 'apple', sequence: 0 }]);
    expect(catalog.dispositions.unfinished()).toMatchObject([{ sequence: 3 }]);
  });

  test('begins a new generation beside the one that was disposed of', async () => {
    using catalog = await foldedFrom([
      capture('a', 1),
      disposing('a', 0),
      disposed('a', 0),
      capture('a', 1, { generation: 2 }),
    ]);
    expect(catalog.messages.byDigest(digest('a'))).toMatchObject({ generation: 2, sequence: 3, state: 'archived' });
    expect(catalog.messages.sequenceOf(digest('a'), 1)).toBe(0);
    expect(catalog.sightings.ofMessage(at(3))).toHaveLength(1);
  });

  test('takes in a batch whole or not at all, and remembers nothing of what was rolled back', async () => {
    using catalog = await foldedFrom([capture('a', 1)]);
    const strange = { custodian: 'eve', mailbox: 'x', format: 'eml' as const };
    const broken: Draft = {
      kind: 'collection',
      source: 'src',
      collection: 'run',
      startedAt: 1,
      found: Number.NaN,
      captured: 0,
      alreadyArchived: 0,
      failed: 0,
      ignored: 0,
      aside: { failures: [] },
    };
    const batch = batchOf(1, [capture('b', 2, { aside: strange }), holdPlaced('h', 'x'), broken]);
    await expect(catalog.apply(batch)).rejects.toBeInstanceOf(Error);
    expect([catalog.position(), catalog.holds.active(), catalog.sightings.count()]).toEqual([1, [], 1]);
    await foldInto(catalog, [
      capture('d', 4, { aside: { ...strange, custodian: 'dan' } }),
      capture('b', 2, { aside: strange }),
    ]);
    expect(catalog.sightings.ofMessage(at(1))).toMatchObject([{ custodian: 'dan' }]);
    expect(catalog.sightings.ofMessage(at(2))).toMatchObject([{ custodian: 'eve' }]);
  });

  test('refuses a batch that does not continue it', async () => {
    using catalog = await foldedFrom([capture('a', 1)]);
    await expect(catalog.apply(batchOf(5, [capture('b', 2)]))).rejects.toThrow('catalog at 1');
  });
});

describe('what the catalog answers', () => {
  test('accounted UIDs are ranges, ascending and disjoint, also over more than a page (invariant 3)', async () => {
    using catalog = Catalog.open(':memory:');
    const uids = [3, 1, 2, 7, 9, 8, 2, ...Array.from({ length: 10_500 }, (_, index) => 20 + index), 4_294_967_295];
    await foldInto(
      catalog,
      uids.map((uid): Draft => ({ kind: 'gone', source: 'src', mailboxEpoch: key(1), uid, aside: { mailbox: 'i' } })),
    );
    expect(catalog.accounting.uidRanges(key(1))).toEqual([
      [1, 3],
      [7, 9],
      [20, 10_519],
      [4_294_967_295, 4_294_967_295],
    ]);
    expect(catalog.accounting.uidRanges(key(2))).toEqual([]);
  });

  test('a message leaves quarantine when it is accounted for; until then its attempts count', async () => {
    const quarantined = (attempts: number): Draft => ({
      kind: 'quarantined',
      source: 'src',
      mailboxEpoch: key(77),
      uid: 5,
      attempts,
      code: 'refused',
      aside: { mailbox: 'i', reason: 'r' },
    });
    using catalog = await foldedFrom([quarantined(1), quarantined(2)]);
    expect(catalog.accounting.attempts(key(77), 5)).toBe(2);
    expect(catalog.accounting.uidRanges(key(77))).toEqual([]);
    await foldInto(catalog, [capture('a', 1, mailbox)]);
    expect([catalog.accounting.attempts(key(77), 5), catalog.accounting.inQuarantine('src')]).toEqual([0, []]);
  });

  test('a beginning names every digest that has it, however many generations each has', async () => {
    const near = asDigest(`${'a'.repeat(63)}b`);
    const generations = [1, 2, 3, 4].map((generation) => capture('a', generation, { generation }));
    using catalog = await foldedFrom([...generations, capture('x', 9, { digest: near })]);
    expect(catalog.messages.byPrefix('aaaaaaaaa').map((one) => [one.digest, one.generation])).toEqual([
      [digest('a'), 4],
      [near, 1],
    ]);
  });

  test('places are forgotten with the last message seen in them, and not before (invariant 17)', async () => {
    using catalog = await foldedFrom([capture('a', 1), capture('b', 2), sighting('a', 3)]);
    await foldInto(catalog, [disposing('a', 0), disposed('a', 0)]);
    expect(catalog.sightings.places()).toEqual([{ custodian: 'ada', mailbox: 'inbox' }]);
    await foldInto(catalog, [sighting('b', 5)]);
    expect(catalog.sightings.places()).toEqual([
      { custodian: 'ada', mailbox: 'inbox' },
      { custodian: 'ben', mailbox: 'sent' },
    ]);
  });

  test('a sweep before a release does not count for it', async () => {
    const swept = (through: number): Draft => ({
      kind: 'hold-swept',
      hold: 'h',
      through: at(through),
      count: 0,
      aside: {},
    });
    using catalog = await foldedFrom([holdPlaced('h', 'x')]);
    expect(catalog.holds.unswept()).toHaveLength(1);
    await foldInto(catalog, [swept(0)]);
    expect(catalog.holds.unswept()).toEqual([]);
    await foldInto(catalog, [{ kind: 'hold-released', actor: 'cli', hold: 'h', aside: { reason: 'r' } }]);
    expect(catalog.holds.unswept()).toHaveLength(1);
    await foldInto(catalog, [swept(2)]);
    expect(catalog.holds.unswept()).toEqual([]);
  });
});

describe("the catalog's file", () => {
  test('of another version, or unreadable, is thrown away and begun anew; for checking it is refused', async () => {
    await using folder = await TemporaryFolder.make();
    const file = join(folder.path, 'catalog');
    (await foldedFrom([capture('a', 1)], file))[Symbol.dispose]();
    using db = new DatabaseSync(file);
    db.exec('pragma user_version = 99');
    expect(() => Catalog.openAsItIs(file)).toThrow(expect.objectContaining({ code: 'catalog-damaged' }));
    using anew = Catalog.open(file);
    expect([anew.position(), anew.policy]).toEqual([0, -1]);
  });

  test('remembers where it was', async () => {
    await using folder = await TemporaryFolder.make();
    const file = join(folder.path, 'catalog');
    (await foldedFrom(everything, file))[Symbol.dispose]();
    using again = Catalog.open(file);
    expect([again.position(), again.policy, again.sightingSalt]).toEqual([27, 21, 'c2FsdA==']);
  });

  test('has no byte of a name once its message is disposed of (invariant 17)', async () => {
    await using folder = await TemporaryFolder.make();
    const file = join(folder.path, 'catalog');
    const secret = {
      custodian: 'plantedperson',
      mailbox: 'plantedbox',
      format: 'eml' as const,
      path: 'plantedpath.eml',
      fromLine: 'plantedline',
    };
    using catalog = await foldedFrom([capture('a', 1, { aside: secret }), capture('b', 2)], file);
    const planted = async () => {
      const texts = await Promise.all(['', '-wal'].map(async (suffix) => readFile(file + suffix, 'latin1')));
      return texts.join('').match(/planted[a-z]+/gu) ?? [];
    };
    expect(await planted()).not.toEqual([]);
    await foldInto(catalog, [disposing('a', 0), disposed('a', 0)]);
    catalog.checkpoint();
    expect(await planted()).toEqual([]);
  });
});
