import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseQuery, printQuery, TimeZone, withAbsoluteDates } from '#search';

const newYork = new TimeZone('america/new_york');
const kolkata = new TimeZone('Asia/Kolkata');
const hour = 3_600_000;

describe('a time zone', () => {
  test('has the offsets of its clocks', () => {
    expect(newYork.name).toBe('America/New_York');
    expect(newYork.offsetAt(Date.parse('2001-10-05T12:00Z'))).toBe(-4 * hour);
    expect(newYork.offsetAt(Date.parse('2001-12-05T12:00Z'))).toBe(-5 * hour);
    expect(kolkata.offsetAt(0)).toBe(5.5 * hour);
    expect(TimeZone.utc.offsetAt(0)).toBe(0);
    expect(newYork.shown(Number.NaN)).toBeNaN();
    expect(new Date(newYork.shown(Date.parse('2001-10-06T03:59:59Z'))).toISOString()).toBe('2001-10-05T23:59:59.000Z');
    expect(() => new TimeZone('Nowhere/Land')).toThrow(RangeError);
  });

  test('each instant is in the span of what its clocks showed', () => {
    const instants = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2040, 0, 1) });
    const zones = fc.constantFrom(newYork, kolkata, new TimeZone('Europe/Berlin'), new TimeZone('Australia/Lord_Howe'));
    fc.assert(
      fc.property(instants, zones, fc.constantFrom(1000, hour), (instant, zone, unit) => {
        const clock = Math.floor(zone.shown(instant) / unit) * unit;
        const { from, before } = zone.instantsOf({ from: clock, before: clock + unit });
        expect(instant >= from && instant < before).toBe(true);
        // Clocks that are put back show an hour twice.
        expect(before - from).toBeLessThanOrEqual(unit + hour);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});

describe('dates without a zone', () => {
  test.each([
    ['date:2001-10-05', 'date:2001-10-05T04:00:00.000Z..2001-10-06T03:59:59.999Z'],
    ['power date:2001 "a date:2001"', 'power date:2001-01-01T05:00:00.000Z..2002-01-01T04:59:59.999Z "a date:2001"'],
    ['date:2001-10..2001-12', 'date:2001-10-01T04:00:00.000Z..2002-01-01T04:59:59.999Z'],
    [
      'date:>=2001-06 -received:"2002"',
      'date:2001-06-01T04:00:00.000Z.. -received:"2002-01-01T05:00:00.000Z..2003-01-01T04:59:59.999Z"',
    ],
    [
      'date:(2001-10-05 OR <2000)',
      'date:(2001-10-05T04:00:00.000Z..2001-10-06T03:59:59.999Z OR ..2000-01-01T04:59:59.999Z)',
    ],
    ['date:2001-10-05T12:00 x', 'date:2001-10-05T16:00:00.000Z..2001-10-05T16:00:59.999Z x'],
    ['date:2001-10-05T12:00Z..2001-10-05T14:30+02:00', 'date:2001-10-05T12:00Z..2001-10-05T14:30+02:00'],
    // Two o'clock came twice, and never.
    ['date:2001-10-28T01:30', 'date:2001-10-28T05:30:00.000Z..2001-10-28T06:30:59.999Z'],
    ['date:2001-04-01T02:30', 'date:2001-04-01T07:30:00.000Z..2001-04-01T07:30:59.999Z'],
    ['size:2001 subject:2001 2001', 'size:2001 subject:2001 2001'],
  ])('%s means what the zone declared for the archive says', (query, absolute) => {
    expect(withAbsoluteDates(query, newYork)).toBe(absolute);
    expect(withAbsoluteDates(absolute, kolkata)).toBe(absolute);
    expect(withAbsoluteDates(query, TimeZone.utc)).toBe(query);
    expect(printQuery(parseQuery(absolute))).not.toBe('');
  });

  test('what is wrong is said of the query as it was written', () => {
    expect(() => withAbsoluteDates('date:2001 date:2001-13', newYork)).toThrow(/character 16/u);
  });
});
