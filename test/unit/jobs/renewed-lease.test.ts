import { expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { stopwatch } from '#kernel';
import { RenewedLease } from '../../../services/jobs/adapters/renewed-lease.ts';

function unrenewableLease(ttlMs: number): RenewedLease {
  return new RenewedLease({
    name: 'n',
    ttlMs,
    asked: stopwatch(),
    renew: () => Promise.reject(new Error('away')),
    giveBack: () => Promise.resolve(),
    onTrouble: () => undefined,
    onEnd: () => undefined,
  });
}

test('a lease that cannot be renewed is lost, also where the event loop is busy and timers come a little early', async () => {
  const leases: RenewedLease[] = [];
  for (let i = 0; i < 300; i++) {
    leases.push(unrenewableLease(100 + i / 10));
    const turn = stopwatch();
    while (turn() < 0.3) await setImmediate();
  }
  while (leases.some(({ lost }) => !lost.aborted)) await setImmediate();
  expect(leases.filter(({ held }) => held)).toEqual([]);
});
