import { describe, expect, test } from '@jest/globals';
import { endOfPeriod, parsePeriod } from '#retention';

function end(period: string, from: string): string {
  return new Date(endOfPeriod(parsePeriod(period), Date.parse(from))).toISOString();
}

describe('a retention period (invariant 15)', () => {
  test.each([
    ['P1M', '2026-01-31T12:00:00.000Z', '2026-02-28T12:00:00.000Z'],
    ['P1M', '2028-01-31T12:00:00.000Z', '2028-02-29T12:00:00.000Z'],
    ['P1M', '2026-03-31T23:59:59.999Z', '2026-04-30T23:59:59.999Z'],
    ['P1Y', '2028-02-29T00:00:00.000Z', '2029-02-28T00:00:00.000Z'],
    ['P4Y', '2028-02-29T00:00:00.000Z', '2032-02-29T00:00:00.000Z'],
    ['P1Y', '2096-02-29T00:00:00.000Z', '2097-02-28T00:00:00.000Z'],
    ['P4Y', '2096-02-29T00:00:00.000Z', '2100-02-28T00:00:00.000Z'],
    ['P13M', '2026-12-31T00:00:00.000Z', '2028-01-31T00:00:00.000Z'],
    ['P18M', '2026-08-31T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['P30D', '2026-02-15T06:00:00.000Z', '2026-03-17T06:00:00.000Z'],
    ['P365D', '2028-01-01T00:00:00.000Z', '2028-12-31T00:00:00.000Z'],
    ['P0D', '2026-02-15T06:00:00.000Z', '2026-02-15T06:00:00.000Z'],
    ['P7973Y', '2026-11-23T08:00:00.000Z', '9999-11-23T08:00:00.000Z'],
    ['P99999Y', '2026-11-23T08:00:00.000Z', '+102025-11-23T08:00:00.000Z'],
  ])('%s from %s ends at %s', (period, from, to) => {
    expect(end(period, from)).toBe(to);
  });

  test('never ends earlier for being counted from a later moment', () => {
    let before = 0;
    for (let from = Date.UTC(2027, 11, 1); from < Date.UTC(2028, 3, 1); from += 3_600_000) {
      const until = endOfPeriod('P1M', from);
      // Several days end a shorter month: there the time of day may go back, the day never.
      const day = Math.floor(until / 86_400_000);
      expect(day).toBeGreaterThanOrEqual(before);
      before = day;
    }
  });

  test.each([
    ['7y', 'P7Y'],
    ['7 years', 'P7Y'],
    [' 1 Year ', 'P1Y'],
    ['18m', 'P18M'],
    ['1 month', 'P1M'],
    ['90d', 'P90D'],
    ['90 DAYS', 'P90D'],
    ['007y', 'P7Y'],
    ['p7y', 'P7Y'],
    ['P30D', 'P30D'],
  ])('is written "%s" for %s', (text, iso) => {
    expect(parsePeriod(text)).toBe(iso);
  });

  test.each([
    '',
    ' ',
    '7',
    'y',
    '-7y',
    '7.5y',
    '1e3d',
    'P',
    'P7',
    'PY',
    'P1Y6M',
    'P7W',
    'PT7H',
    '7w',
    '100000d',
    'none',
    '٧y',
    '7y 7y',
  ])('is not written "%s"', (text) => {
    expect(() => parsePeriod(text)).toThrow(expect.objectContaining({ code: 'period-invalid' }));
  });
});
