import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asSequence, digestOf } from '#kernel';
import { drawn, sampleSize } from '../../../services/reading/random-sample.ts';

describe('the size of a random sample', () => {
  // Of published tables (R. V. Krejcie and D. W. Morgan 1970; Cochran 1977), each rounded up.
  test.each([
    [1_000_000_000, 0.95, 0.05, 385],
    [1_000_000_000, 0.99, 0.01, 16_587],
    [1_000_000_000, 0.9, 0.1, 68],
    [10_000, 0.95, 0.05, 370],
    [1000, 0.95, 0.05, 278],
    [100, 0.95, 0.05, 80],
    [50_863, 0.95, 0.05, 382],
    [1, 0.95, 0.05, 1],
    [0, 0.95, 0.05, 0],
    [7, 0.999, 0.001, 7],
  ])('of %d messages at %d and %d is %d', (population, confidence, margin, size) => {
    expect(sampleSize(population, { confidence, margin })).toBe(size);
  });

  test('is never more than there is, and grows with what is asked of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.double({ min: 0.5, max: 0.998, noNaN: true }),
        fc.double({ min: 0.002, max: 0.5, noNaN: true }),
        (population, confidence, margin) => {
          const size = sampleSize(population, { confidence, margin });
          expect(size).toBeLessThanOrEqual(population);
          expect(sampleSize(population, { confidence: confidence + 0.001, margin })).toBeGreaterThanOrEqual(size);
          expect(sampleSize(population, { confidence, margin: margin - 0.001 })).toBeGreaterThanOrEqual(size);
        },
      ),
    );
  });

  test.each([
    [0.4, 0.05],
    [1, 0.05],
    [0.95, 0],
    [0.95, 0.6],
    [Number.NaN, 0.05],
    [0.95, Number.NaN],
  ])('is refused at %d and %d', (confidence, margin) => {
    expect(() => sampleSize(100, { confidence, margin })).toThrow(
      expect.objectContaining({ code: 'precision-invalid' }),
    );
  });
});

describe('a drawn sample', () => {
  const population = Array.from({ length: 2000 }, (_, place) => {
    return { sequence: asSequence(place), digest: digestOf(Buffer.from(String(place))) };
  });

  test('is that of its seed, in whatever order the messages come', () => {
    const sample = drawn(population, 50, 'seed');
    expect(drawn(population.toReversed(), 50, 'seed')).toEqual(sample);
    expect(drawn(population, 20, 'seed')).toEqual(sample.slice(0, 20));
    expect(drawn(population, 50, 'another')).not.toEqual(sample);
  });

  test('has each once, and no part of the messages more than another', () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const sample = drawn(population, 50, `seed ${seed}`);
      expect(new Set(sample).size).toBe(50);
      for (const { sequence } of sample) counts[sequence % 4] = (counts[sequence % 4] ?? 0) + 1;
    }
    // 10,000 draws: the standard deviation of each quarter's count is 43.
    for (const count of counts) expect(Math.abs(count - 2500)).toBeLessThan(250);
  });
});
