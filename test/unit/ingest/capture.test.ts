import { afterAll, describe, expect, test } from '@jest/globals';
import { ParsingPool } from '#ingest';
import { parseQuery } from '#search';
import { noFacts } from '../../contract/search-document.ts';
import type { Gate } from '../../crashing-stores.ts';
import { GatedArchive, MemoryMedium } from '../../gated-archive.ts';
import { letter } from '../../whole-archive.ts';

const pool = new ParsingPool(1);
afterAll(() => pool[Symbol.asyncDispose]());

const shown = (number: number, custodian = 'ada', path = `${custodian}/${number}.eml`) => ({
  bytes: letter(number),
  custodian,
  path,
});
const found = async (archive: GatedArchive, query: string) =>
  (await archive.index.count({ query: parseQuery(query), facts: noFacts })).total;

describe('capture (invariants 7, 8)', () => {
  test('tells new bytes, a new place and a known sighting apart, also within one call', async () => {
    const archive = await GatedArchive.open(new MemoryMedium(), pool);
    const outcomes = await archive.capture([shown(1), shown(1, 'ben'), shown(1), shown(2)]);
    expect([...outcomes].sort()).toEqual(['captured', 'captured', 'known', 'sighted']);
    expect(await archive.capture([shown(2), shown(1, 'cy'), shown(2, 'ben')])).toEqual(['known', 'sighted', 'sighted']);
    expect(archive.catalog.sightings.count()).toBe(5);
    expect(await archive.findings()).toEqual([]);
  });

  test('judges a message by all its places, also those of the same call (invariant 14)', async () => {
    const archive = await GatedArchive.open(new MemoryMedium(), pool);
    await archive.place('custodian:ada custodian:ben');
    await archive.capture([shown(1), shown(1, 'ben')]);
    expect(archive.holds.list()[0]?.messages).toBe(1);
    const message = archive.message(letter(1));
    expect(message && (await archive.archive.stat(message))?.lock.legalHold).toBe(true);
  });

  test('judges anew by a hold that was placed between its judgement and its entry (invariant 14)', async () => {
    const order: string[] = [];
    let place: (() => Promise<unknown>) | undefined;
    const gate: Gate = async (call, moment) => {
      if (call !== 'archive.putAll' || moment !== 'after') return;
      order.push('stored');
      const now = place;
      place = undefined;
      await now?.();
    };
    const archive = await GatedArchive.open(new MemoryMedium(), pool, gate);
    const { id } = await archive.matter();
    // Only the entry: the sweep waits for the capture.
    const aside = { query: 'harbour', reason: 'claim' };
    place = () => archive.recorder.ledger.append([{ kind: 'hold-placed', actor: 'cli', hold: 'h', matter: id, aside }]);
    expect(await archive.capture([shown(1)])).toEqual(['captured']);
    expect(order).toEqual(['stored', 'stored']);
    const captures = (await archive.entries()).filter(({ kind }) => kind === 'capture');
    expect(captures).toMatchObject([{ holds: ['h'] }]);
    const message = archive.message(letter(1));
    expect(message && (await archive.archive.stat(message))?.lock.legalHold).toBe(true);
  });

  test('that fails acknowledges nothing, keeps nothing in hand, and is whole when repeated (invariants 1, 8)', async () => {
    let failures = 1;
    const gate: Gate = (call, moment) => {
      if (call === 'ledger.create' && moment === 'after' && failures-- > 0) throw new Error('no answer');
    };
    const archive = await GatedArchive.open(new MemoryMedium(), pool, gate);
    await expect(archive.capture([shown(1), shown(2)])).rejects.toThrow('no answer');
    await archive.capture([shown(2), shown(1), shown(3)]);
    expect(archive.catalog.messages.totals().messages).toBe(3);
    expect(archive.catalog.sightings.count()).toBe(3);
    expect(await found(archive, 'harbour')).toBe(3);
    await archive.dispose(letter(1));
    expect(JSON.stringify(await archive.entries())).not.toContain('ada/1.eml');
    expect(await archive.findings()).toEqual([]);
  });
});

describe('the index as a follower (invariant 23)', () => {
  test('fills its gaps from the archive, and passes over what was disposed of', async () => {
    const medium = new MemoryMedium();
    const before = await GatedArchive.open(medium, pool);
    await before.capture([shown(1), shown(2), shown(3)]);
    await before.dispose(letter(2));
    medium.loseIndex();
    const after = await GatedArchive.open(medium, pool);
    expect(await found(after, 'harbour')).toBe(2);
    expect(await found(after, 'subject:"letter 2"')).toBe(0);
    expect(await after.findings()).toEqual([]);
  });
});
