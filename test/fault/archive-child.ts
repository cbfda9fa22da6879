import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#kernel';
import { FilesystemBlobStore } from '../../services/archive/adapters/filesystem-blob-store.ts';
import { orderFor } from '../contract/blob-puts.ts';
import { crashPut } from './archive-crash-puts.ts';

/**
 * Stores, holds and destroys messages until it is killed, and says each thing on standard output: `try` before, `did` after it
 * was acknowledged. Arguments: the archive's folder, the number of the first message.
 */
const [, , root = '', first = '0'] = process.argv;
const store = await FilesystemBlobStore.open({
  root,
  clock: systemClock,
  locatorFile: join(root, 'locator.sqlite'),
  segmentBytesMax: 40_000,
  inMemoryBytesMax: 8_000,
});

async function report(what: string, numbers: readonly number[], work: () => Promise<unknown>): Promise<void> {
  writeSync(1, `try ${what} ${numbers.join(',')}\n`);
  await work();
  writeSync(1, `did ${what} ${numbers.join(',')}\n`);
}

async function round(start: number): Promise<void> {
  const numbers = Array.from({ length: 6 }, (_, index) => start + index);
  const [a = 0, b = 0, c = 0] = numbers;
  await Promise.all(
    [numbers.slice(0, 3), numbers.slice(3)].map(async (some) =>
      report('put', some, async () => store.putAll(some.map((number) => crashPut(number)))),
    ),
  );
  await Promise.all([
    report('hold', [a], async () => store.setLegalHolds([crashPut(a)], true)),
    report('dispose', [b], async () => store.dispose(orderFor(crashPut(b)))),
  ]);
  await report('dispose', [c], async () => store.dispose(orderFor(crashPut(c))));
}

for (let start = Number(first); ; start += 6) await round(start);
