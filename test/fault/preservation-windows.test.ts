import { afterAll, describe, expect, test } from '@jest/globals';
import { ParsingPool } from '#ingest';
import { S3Archive } from '../contract/s3-archive.ts';
import { Crash, type Gate } from '../crashing-stores.ts';
import { describeVariant } from '../describe-variant.ts';
import { GatedArchive, type Medium, MemoryMedium } from '../gated-archive.ts';
import { letter } from '../whole-archive.ts';

const pool = new ParsingPool(1);
afterAll(() => pool[Symbol.asyncDispose]());

const harbour = letter(1);
const days30 = 30 * 86_400_000;
/** A call of a store, counted from 1 within the operation, and whether it took effect before the process died. */
type Window = readonly [call: string, nth: number, moment: 'before' | 'after'];

function dyingAt([call, nth, moment]: Window): Gate {
  let [count, dead] = [0, false];
  return (each, at) => {
    if (each === call && at === 'before') count += 1;
    if (dead || (each === call && at === moment && count === nth)) {
      dead = true;
      throw new Crash(`${call} ${nth}, ${moment}`);
    }
  };
}

type Work = (archive: GatedArchive) => Promise<unknown>;

/** Prepares, dies in the work, and hands over what the next process finds, not mended yet. */
async function leftBy(window: Window, prepare: Work, work: Work): Promise<GatedArchive> {
  const medium = new MemoryMedium();
  await prepare(await GatedArchive.open(medium, pool));
  const dying = await GatedArchive.open(medium, pool, dyingAt(window));
  await expect(work(dying)).rejects.toBeInstanceOf(Error);
  await expect(dying.archive.setLegalHolds([], true)).rejects.toBeInstanceOf(Crash);
  return GatedArchive.open(medium, pool);
}

const show = (archive: GatedArchive) =>
  archive.capture([{ bytes: harbour, custodian: 'ada', path: 'ada/secretname.eml' }]);
const dispose = (archive: GatedArchive) => archive.dispose(harbour);
const prepareWithMatter = async (archive: GatedArchive) => {
  await show(archive);
  await archive.matter();
};

async function flagOf(archive: GatedArchive): Promise<boolean | undefined> {
  const message = archive.message(harbour);
  return message && (await archive.archive.stat(message))?.lock.legalHold;
}

async function bytesLeft(archive: GatedArchive): Promise<boolean> {
  const message = archive.message(harbour);
  return message !== undefined && (await archive.archive.stat(message)) !== undefined;
}

describe('a crash while a message is being disposed of (invariants 13, 17)', () => {
  const windows: [Window, left: 'archived' | 'disposing' | 'disposed', bytes: boolean][] = [
    [['ledger.putSidecar', 1, 'before'], 'archived', true],
    [['ledger.putSidecar', 1, 'after'], 'archived', true],
    [['ledger.create', 1, 'before'], 'archived', true],
    [['ledger.create', 1, 'after'], 'disposing', true],
    [['archive.dispose', 1, 'before'], 'disposing', true],
    [['archive.dispose', 1, 'after'], 'disposing', false],
    [['index.apply', 2, 'before'], 'disposing', false],
    [['index.apply', 2, 'after'], 'disposing', false],
    [['ledger.eraseFromSidecar', 1, 'before'], 'disposing', false],
    [['ledger.eraseFromSidecar', 1, 'after'], 'disposing', false],
    [['ledger.create', 2, 'before'], 'disposing', false],
    [['ledger.create', 2, 'after'], 'disposed', false],
  ];

  test.each(windows)('%j leaves it %s (bytes there: %s), and the next start ends it', async (window, left, bytes) => {
    const archive = await leftBy(window, show, dispose);
    expect(archive.message(harbour)?.state).toBe(left);
    expect(await bytesLeft(archive)).toBe(bytes);
    await archive.mend();
    expect(archive.message(harbour)?.state).toBe(left === 'archived' ? 'archived' : 'disposed');
    expect(await archive.findings()).toEqual([]);
    if (left === 'archived') return expect(await archive.archive.read(archive.message(harbour)!)).toEqual(harbour);
    expect(JSON.stringify(await archive.entries())).not.toContain('secretname');
    expect(await bytesLeft(archive)).toBe(false);
    expect([...(await archive.index.sequences())]).toEqual([]);
  });

  test('storage that fails once leaves the order standing, and asking again carries it out', async () => {
    const medium = new MemoryMedium();
    let [fails, count] = [1, 0];
    const archive = await GatedArchive.open(medium, pool, (call, at) => {
      if (call !== 'archive.dispose' || at !== 'before') return;
      count += 1;
      if (fails-- > 0) throw new Error('the disk is full');
    });
    await show(archive);
    await expect(dispose(archive)).rejects.toThrow('the disk is full');
    expect(archive.message(harbour)?.state).toBe('disposing');
    await dispose(archive);
    expect(count).toBe(2);
    expect(archive.message(harbour)?.state).toBe('disposed');
    expect((await archive.entries()).filter(({ kind }) => kind === 'disposing')).toHaveLength(1);
    expect(await archive.findings()).toEqual([]);
    await expect(dispose(archive)).rejects.toMatchObject({ code: 'already-disposed' });
  });

  test('an order that storage refuses keeps no other from being carried out', async () => {
    let refused = 2;
    const archive = await GatedArchive.open(new MemoryMedium(), pool, (call, at) => {
      if (call === 'archive.dispose' && at === 'before' && refused-- > 0) throw new Error('not now');
    });
    const bridge = letter(2);
    await show(archive);
    await archive.capture([{ bytes: bridge, custodian: 'ada', path: 'ada/2.eml' }]);
    for (const bytes of [harbour, bridge]) await expect(archive.dispose(bytes)).rejects.toThrow('not now');
    refused = 1;
    await expect(archive.disposition.finish()).rejects.toThrow('not now');
    expect([harbour, bridge].map((bytes) => archive.message(bytes)?.state)).toEqual(['disposing', 'disposed']);
    expect(await archive.disposition.finish()).toBe(1);
    expect(archive.message(harbour)?.state).toBe('disposed');
  });

  test('a hold that is placed while an order stands keeps what is still there, until it is released', async () => {
    const archive = await leftBy(['archive.dispose', 1, 'before'], prepareWithMatter, dispose);
    const hold = await archive.place('harbour');
    const other = await archive.place('bridge');
    await expect(archive.disposition.finish()).rejects.toMatchObject({ code: 'held' });
    await expect(dispose(archive)).rejects.toMatchObject({ code: 'held' });
    expect(archive.message(harbour)?.state).toBe('disposing');
    expect(await archive.archive.read(archive.message(harbour)!)).toEqual(harbour);
    expect(await archive.findings()).toEqual([]);
    archive.medium.clock.advance(3_600_001);
    expect(await archive.findings()).toEqual([expect.stringContaining('disposal-unfinished message')]);
    await archive.holds.release(hold, 'settled', 'cli');
    await archive.mend();
    expect(archive.message(harbour)?.state).toBe('disposed');
    expect(await bytesLeft(archive)).toBe(false);
    await archive.holds.release(other, 'settled', 'cli');
    expect(await archive.findings()).toEqual([]);
  });

  test('a hold that is placed once the bytes are gone keeps no order from being certified', async () => {
    const archive = await leftBy(['archive.dispose', 1, 'after'], prepareWithMatter, dispose);
    await archive.place('harbour');
    await archive.mend();
    expect(archive.message(harbour)?.state).toBe('disposed');
    expect(await archive.findings()).toEqual([]);
  });
});

describeVariant('s3', 'an order that stands for a message that is damaged', () => {
  test('is not carried out while a hold may match what is left of it', async () => {
    await using s3 = await S3Archive.make('s3');
    await using store = await s3.open();
    const memory = new MemoryMedium();
    memory.clock.advance((await s3.owner.serverTime()) - memory.clock.now());
    const { clock, signer } = memory;
    const open = async () => ({ ...(await memory.open()), archive: store });
    const medium: Medium = { clock, signer, open, [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose]() };
    let failures = 1;
    const archive = await GatedArchive.open(medium, pool, (call, at) => {
      if (call === 'archive.dispose' && at === 'before' && failures-- > 0) throw new Error('not now');
    });
    await prepareWithMatter(archive);
    await expect(dispose(archive)).rejects.toThrow('not now');
    await s3.damage(archive.message(harbour)!);
    await archive.place('harbour');
    await expect(archive.disposition.finish()).rejects.toThrow();
    expect(archive.message(harbour)?.state).toBe('disposing');
    expect((await s3.everything()).toString()).toContain('harbour');
  });
});

describe('a crash while a hold is being placed (invariants 13, 14)', () => {
  const windows: [Window, isPlaced: boolean][] = [
    [['ledger.putSidecar', 1, 'after'], false],
    [['ledger.create', 1, 'before'], false],
    [['ledger.create', 1, 'after'], true],
    [['index.apply', 1, 'before'], true],
    [['archive.setLegalHolds', 1, 'before'], true],
    [['archive.setLegalHolds', 1, 'after'], true],
    [['ledger.create', 2, 'before'], true],
    [['ledger.create', 2, 'after'], true],
    [['ledger.create', 3, 'before'], true],
    [['ledger.create', 3, 'after'], true],
  ];

  test.each(windows)('%j: placed %s, binding at once, and the next start sets every flag', async (window, isPlaced) => {
    const archive = await leftBy(window, prepareWithMatter, (dying) => dying.place('harbour'));
    expect(archive.catalog.holds.active()).toHaveLength(isPlaced ? 1 : 0);
    if (isPlaced) await expect(dispose(archive)).rejects.toMatchObject({ code: 'held' });
    await archive.mend();
    expect(await flagOf(archive)).toBe(isPlaced);
    expect(archive.catalog.holds.unswept()).toEqual([]);
    expect(archive.holds.list().map(({ messages }) => messages)).toEqual(isPlaced ? [1] : []);
    expect(await archive.findings()).toEqual([]);
    if (isPlaced) await expect(dispose(archive)).rejects.toMatchObject({ code: 'held' });
  });
});

describe('a crash while a hold is being released (invariants 13, 14)', () => {
  const windows: [Window, isReleased: boolean, flagged: boolean][] = [
    [['ledger.putSidecar', 1, 'after'], false, true],
    [['ledger.create', 1, 'before'], false, true],
    [['ledger.create', 1, 'after'], true, true],
    [['archive.setLegalHolds', 1, 'before'], true, true],
    [['archive.setLegalHolds', 1, 'after'], true, false],
    [['ledger.create', 2, 'before'], true, false],
    [['ledger.create', 2, 'after'], true, false],
  ];

  const prepare = async (archive: GatedArchive) => {
    await show(archive);
    await archive.place('harbour');
  };
  const release = (archive: GatedArchive) => archive.holds.release(archive.holds.list()[0]!.hold.id, 'settled', 'cli');

  test.each(windows)(
    '%j: released %s, flag %s, and the next start makes storage agree',
    async (window, isReleased, flagged) => {
      const archive = await leftBy(window, prepare, release);
      expect(archive.catalog.holds.active()).toHaveLength(isReleased ? 0 : 1);
      expect(await flagOf(archive)).toBe(flagged);
      if (flagged) await expect(dispose(archive)).rejects.toMatchObject({ code: 'held' });
      await archive.mend();
      expect(await flagOf(archive)).toBe(!isReleased);
      expect(archive.catalog.holds.unswept()).toEqual([]);
      if (!isReleased) return expect(dispose(archive)).rejects.toMatchObject({ code: 'held' });
      await dispose(archive);
      expect(await bytesLeft(archive)).toBe(false);
    },
  );
});

describe('a crash while a schedule is being set (invariant 15)', () => {
  const windows: [Window, isSet: boolean][] = [
    [['ledger.create', 1, 'before'], false],
    [['ledger.create', 1, 'after'], true],
    [['index.apply', 1, 'before'], true],
    [['archive.extendRetention', 1, 'before'], true],
    [['archive.extendRetention', 1, 'after'], true],
  ];

  test.each(windows)('%j: set %s, binding at once, and the next start tells storage', async (window, isSet) => {
    const archive = await leftBy(window, show, (dying) => dying.retention.setDefault('30 days', 'cli'));
    expect(archive.retention.schedule?.period).toBe(isSet ? 'P30D' : undefined);
    if (isSet) await expect(dispose(archive)).rejects.toMatchObject({ code: 'retained' });
    await archive.mend();
    const message = archive.message(harbour)!;
    const until = isSet ? message.capturedAt + days30 : null;
    expect((await archive.archive.stat(message))?.lock.retainUntil).toBe(until);
    expect(await archive.findings()).toEqual([]);
  });
});

describe('a crash while a held message is being captured (invariants 8, 14)', () => {
  const windows: [Window, known: boolean, seen: number][] = [
    [['archive.putAll', 1, 'before'], false, 0],
    [['archive.putAll', 1, 'after'], true, 0],
    [['ledger.create', 1, 'before'], true, 0],
    [['ledger.create', 1, 'after'], true, 1],
    [['index.apply', 1, 'before'], true, 1],
    [['index.apply', 1, 'after'], true, 1],
  ];

  test.each(windows)('%j: there %s; shown again it is whole, held and counted once', async (window, known, seen) => {
    const archive = await leftBy(window, (fresh) => fresh.place('harbour'), show);
    await archive.mend();
    expect(archive.message(harbour) !== undefined).toBe(known);
    expect(archive.catalog.sightings.count()).toBe(seen);
    await show(archive);
    expect(archive.catalog.sightings.count()).toBe(1);
    expect(archive.catalog.messages.totals().messages).toBe(1);
    expect(await flagOf(archive)).toBe(true);
    await expect(dispose(archive)).rejects.toMatchObject({ code: 'held' });
    expect(await archive.findings()).toEqual([]);
  });
});

describe('a crash while a copy of a known message arrives in a held mailbox (invariants 8, 14)', () => {
  const windows: [Window, recorded: boolean][] = [
    [['archive.putAll', 1, 'before'], false],
    [['archive.putAll', 1, 'after'], false],
    [['ledger.create', 1, 'before'], false],
    [['ledger.create', 1, 'after'], true],
  ];

  test.each(windows)(
    '%j: recorded %s, and the next start leaves a flag only where a hold is',
    async (window, recorded) => {
      const prepare = async (archive: GatedArchive) => {
        await show(archive);
        await archive.place('custodian:ben');
      };
      const showBen = (archive: GatedArchive) =>
        archive.capture([{ bytes: harbour, custodian: 'ben', path: 'ben/1.eml' }]);
      const archive = await leftBy(window, prepare, showBen);
      await archive.mend();
      expect(await flagOf(archive)).toBe(recorded);
      expect(await archive.findings()).toEqual([]);
      if (recorded) return expect(dispose(archive)).rejects.toMatchObject({ code: 'held' });
      await dispose(archive);
      expect(await bytesLeft(archive)).toBe(false);
    },
  );
});
