import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ParsingPool } from '#ingest';
import { problemOf } from '../../../services/api/problem.ts';
import { GatedArchive, MemoryMedium } from '../../gated-archive.ts';
import { days, passDays, recordSearch } from '../../passing-time.ts';
import { letter } from '../../whole-archive.ts';

const pool = new ParsingPool(1);
afterAll(() => pool[Symbol.asyncDispose]());

const kept = letter(1);
const unwitnessed = { code: 'time-unwitnessed' };

describe('the clock and retention on local storage (invariant 15)', () => {
  let medium: MemoryMedium;
  let archive: GatedArchive;

  async function capture(bytes = kept) {
    await archive.capture([{ bytes, custodian: 'ada', path: 'inbox/1.eml' }]);
  }

  beforeEach(async () => {
    medium = new MemoryMedium();
    archive = await GatedArchive.open(medium, pool);
    await archive.retention.setDefault('1y', 'cli');
  });
  afterEach(() => medium[Symbol.asyncDispose]());

  test('invariant 15: setting the clock forward disposes of nothing', async () => {
    await capture();
    medium.clock.advance(days(4000));
    await expect(archive.dispose(kept)).rejects.toMatchObject({
      ...unwitnessed,
      message: expect.stringContaining('7 of the 365 days'),
      remedy: expect.stringMatching(/^Nothing was destroyed\. Set the clock right.* 2037-\d\d-\d\d/u),
    });
    expect(archive.message(kept)?.state).toBe('archived');
    const fault: unknown = await archive.dispose(kept).catch((thrown: unknown) => thrown);
    expect(problemOf(fault)).toMatchObject({ status: 409, code: 'time-unwitnessed' });
  });

  test('invariant 15: neither does setting it forward again and again, with entries in between', async () => {
    await capture();
    for (let set = 0; set < 12; set++) {
      medium.clock.advance(days(365));
      await recordSearch(archive);
      await passDays(archive, 3);
      await expect(archive.dispose(kept)).rejects.toMatchObject(unwitnessed);
    }
  });

  test('invariant 15: nor starting anew with a catalog that was lost', async () => {
    await capture();
    medium.clock.advance(days(4000));
    await recordSearch(archive);
    archive = await GatedArchive.open(medium, pool);
    await expect(archive.dispose(kept)).rejects.toMatchObject(unwitnessed);
  });

  test('retention that was seen to pass ends to the day', async () => {
    await capture();
    await passDays(archive, 364);
    await expect(archive.dispose(kept)).rejects.toMatchObject({ code: 'retained' });
    await passDays(archive, 1);
    await archive.dispose(kept);
    expect(archive.message(kept)?.state).toBe('disposed');
  });

  test('a pause lengthens retention by what it has beyond a week, and not for ever', async () => {
    await capture();
    await passDays(archive, 100);
    medium.clock.advance(days(300));
    await recordSearch(archive);
    await passDays(archive, 365 - 107 - 1);
    await expect(archive.dispose(kept)).rejects.toMatchObject(unwitnessed);
    await passDays(archive, 1);
    await archive.dispose(kept);
  });

  test('a clock that was ahead and is set right leaves disposal of what had ended before', async () => {
    await capture();
    await passDays(archive, 365);
    medium.clock.advance(days(4000));
    await recordSearch(archive);
    medium.clock.advance(-days(4000));
    await archive.dispose(kept);
  });

  test('a clock that was ahead is named where what was captured earlier waits for it', async () => {
    await capture();
    await passDays(archive, 300);
    medium.clock.advance(days(4000));
    await recordSearch(archive);
    medium.clock.advance(-days(3900));
    await expect(archive.dispose(kept)).rejects.toMatchObject({
      ...unwitnessed,
      remedy: expect.stringContaining('a clock that was ahead'),
    });
  });

  test('a clock set back at the capture does not shorten retention', async () => {
    medium.clock.advance(-days(4000));
    await capture();
    medium.clock.advance(days(4000));
    const recorded = archive.message(kept);
    expect(recorded?.retainUntil).toBe((recorded?.capturedAt ?? 0) + days(365));
    await archive.retention.setDefault('none', 'cli');
    await expect(archive.dispose(kept)).rejects.toMatchObject({ code: 'retained' });
  });

  test('what no retention covers is disposed of whatever the clock says', async () => {
    await archive.retention.setDefault('none', 'cli');
    await capture();
    medium.clock.advance(days(4000));
    await archive.dispose(kept);
  });
});
