import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { stopwatch } from '#kernel';
import type { Lease, Leases } from '../../services/jobs/leases.ts';

const minute = { ttlMs: 60_000 };

async function taken(lease: Promise<Lease | undefined>): Promise<Lease> {
  const one = await lease;
  if (one === undefined) throw new Error('the lease was not free');
  return one;
}

/**
 * The duties of all leases.
 * @param open makes two doors to the same leases, as two processes have them (one process: the same door twice)
 */
export function leasesContract(name: string, open: () => Promise<readonly [Leases, Leases]>): void {
  describe(`${name} are leases`, () => {
    test('one holds a name; it is free again when it is given back', async () => {
      const [here, there] = await open();
      await using _here = here;
      await using _there = there;
      const first = await taken(here.take('n', minute));
      expect(first).toMatchObject({ name: 'n', held: true });
      expect(await there.take('n', minute)).toBeUndefined();
      expect(await here.take('n', minute)).toBeUndefined();
      await first[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      expect(first.held).toBe(false);
      expect(first.lost.aborted).toBe(false);
      const second = await taken(there.take('n', minute));
      // Giving back what is no longer held takes nothing from whoever holds it now.
      await first[Symbol.asyncDispose]();
      expect(second.held).toBe(true);
      expect(await here.take('n', minute)).toBeUndefined();
    });

    test('names do not hinder each other', async () => {
      const [here, there] = await open();
      await using _here = here;
      await using _there = there;
      await taken(here.take('a', minute));
      expect((await taken(there.take('b', minute))).held).toBe(true);
    });

    test('of many who want it at once, one gets it', async () => {
      const [here, there] = await open();
      await using _here = here;
      await using _there = there;
      const doors = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? here : there));
      const leases = await Promise.all(doors.map(async (door) => await door.take('n', minute)));
      expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    test('others read who holds it', async () => {
      const [here, there] = await open();
      await using _here = here;
      await using _there = there;
      expect(await there.holder('n')).toBeUndefined();
      const lease = await taken(here.take('n', { ...minute, text: 'http://10.0.0.1:7000/a b' }));
      expect(await there.holder('n')).toBe('http://10.0.0.1:7000/a b');
      await lease[Symbol.asyncDispose]();
      expect(await there.holder('n')).toBeUndefined();
    });

    test('it is renewed for as long as it is wanted', async () => {
      const [here, there] = await open();
      await using _here = here;
      await using _there = there;
      // A process that stands still for longer than its lease lasts loses it, rightly: then with a longer one.
      const outlived = async (ttlMs: number): Promise<boolean> => {
        await using lease = await taken(here.take(`n${ttlMs}`, { ttlMs }));
        const time = stopwatch();
        while (time() < 3 * ttlMs && lease.held) {
          const rival = await there.take(lease.name, { ttlMs });
          if (rival !== undefined) await rival[Symbol.asyncDispose]();
          await setTimeout(ttlMs / 20);
        }
        return lease.held;
      };
      expect((await outlived(400)) || (await outlived(2000)) || (await outlived(8000))).toBe(true);
    }, 60_000);

    test('closing gives everything back', async () => {
      const [here, there] = await open();
      const lease = await taken(here.take('n', minute));
      await here[Symbol.asyncDispose]();
      expect(lease.held).toBe(false);
      await expect(here.take('n', minute)).rejects.toMatchObject({ code: 'closed' });
      if (there === here) return;
      await using _there = there;
      expect((await taken(there.take('n', minute))).held).toBe(true);
    });

    test('too long a text and too short a time are refused', async () => {
      const [here, there] = await open();
      await using _here = here;
      await using _there = there;
      await expect(here.take('n', { ...minute, text: 'x'.repeat(1025) })).rejects.toMatchObject({
        code: 'lease-refused',
      });
      await expect(here.take('n', { ttlMs: 99 })).rejects.toMatchObject({ code: 'lease-refused' });
      expect(await here.holder('n')).toBeUndefined();
    });
  });
}
