import { expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { DistinctCount } from '../../../services/backup/distinct-count.ts';

test('counts each blob once, however often and in whatever order it is seen, and its generations apart', () => {
  const counted = new DistinctCount();
  expect(counted.count()).toBe(0);
  for (const round of [1, 2, 3]) {
    for (let number = 0; number < 3_000; number++) {
      counted.add({ digest: digestOf(Buffer.from(String((number * 7 * round) % 3_000))), generation: 1 });
    }
  }
  expect(counted.count()).toBe(3_000);
  counted.add({ digest: digestOf(Buffer.from('0')), generation: 2 });
  expect(counted.count()).toBe(3_001);
});
