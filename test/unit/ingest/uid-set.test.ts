import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { uidBatches } from '../../../services/ingest/sources/uid-batches.ts';
import { UidSet } from '../../../services/ingest/uid-set.ts';

const uids = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 200 });

describe('a set of UIDs', () => {
  test('contains what was put in and nothing else, however it is built', () => {
    fc.assert(
      fc.property(uids, (list) => {
        const plain = new Set(list);
        const set = UidSet.of(list);
        for (let uid = 1; uid <= 301; uid += 1) expect(set.has(uid)).toBe(plain.has(uid));
        expect(set.size).toBe(plain.size);
        const again = new UidSet([...list].map((uid) => [uid, uid] as const));
        expect(again.toString()).toBe(set.toString());
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  test('is written as RFC 3501 wants it', () => {
    expect(UidSet.of([9, 1, 2, 3, 4, 7, 10, 12, 11, 4_294_967_295]).toString()).toBe('1:4,7,9:12,4294967295');
    expect(
      new UidSet([
        [5, 9],
        [1, 6],
        [10, 11],
      ]).toString(),
    ).toBe('1:11');
    expect(new UidSet().size).toBe(0);
  });
});

describe('batches of UIDs', () => {
  test('hold every UID once, in order, within both limits', () => {
    const ascending = uids.map((list) => [...new Set(list)].sort((a, b) => a - b));
    fc.assert(
      fc.property(ascending, (list) => {
        const batches = [...uidBatches(list, { messagesMax: 20, textBytesMax: 60 })];
        expect(batches.flat()).toEqual(list);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(20);
          expect(UidSet.of(batch).toString().length).toBeLessThanOrEqual(60);
        }
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  test('grow in number with the messages, not with the UIDs', () => {
    const limits = { messagesMax: 200, textBytesMax: 900 };
    const dense = Array.from({ length: 2000 }, (_, n) => n + 1);
    const far = Array.from({ length: 20 }, (_, n) => 1_000_000 + n * 50_000);
    expect([...uidBatches(dense, limits)]).toHaveLength(10);
    expect([...uidBatches(far, limits)]).toHaveLength(1);
  });
});
