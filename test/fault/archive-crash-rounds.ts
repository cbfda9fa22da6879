import { writeSync } from 'node:fs';
import type { BlobPut, BlobStore } from '#archive';
import { orderFor } from '../contract/blob-puts.ts';
import { crashPut } from './archive-crash-puts.ts';

/**
 * Stores, holds and destroys messages without end, and says each thing on standard output: `try` before, `did` after it was
 * acknowledged. `changes`: what the store needs to be different of the messages.
 */
export async function workUntilKilled(
  store: BlobStore,
  first: number,
  changes: (number: number) => Partial<BlobPut> = () => ({}),
): Promise<never> {
  const putOf = (number: number) => ({ ...crashPut(number), ...changes(number) });
  const round = async (start: number): Promise<void> => {
    const numbers = Array.from({ length: 6 }, (_, index) => start + index);
    const [a = 0, b = 0, c = 0] = numbers;
    await Promise.all(
      [numbers.slice(0, 3), numbers.slice(3)].map(async (some) =>
        report('put', some, async () => store.putAll(some.map((number) => putOf(number)))),
      ),
    );
    await Promise.all([
      report('hold', [a], async () => store.setLegalHolds([crashPut(a)], true)),
      report('dispose', [b], async () => store.dispose(orderFor(crashPut(b)))),
    ]);
    await report('dispose', [c], async () => store.dispose(orderFor(crashPut(c))));
  };
  for (let start = first; ; start += 6) await round(start);
}

async function report(what: string, numbers: readonly number[], work: () => Promise<unknown>): Promise<void> {
  writeSync(1, `try ${what} ${numbers.join(',')}\n`);
  await work();
  writeSync(1, `did ${what} ${numbers.join(',')}\n`);
}
