import type { Bucket } from '#object-storage';
import { keysWithVersions } from './key-versions.ts';
import { batchKey, batchPrefix, firstOf } from './ledger-keys.ts';

/** Batches that are listed at once. */
const pageSize = 200;
/** Entries that the first step jumps over, and below which a search in halves gives way to listing. */
const stepEntries = 4096;

/**
 * The first sequence of the newest batch, from a known one on. Where that is near, one listing says it. Else the position
 * gallops, twice as far each time while there is something behind it, and is then searched in halves: among millions of
 * batches some dozens of listings of one key.
 */
export async function newestBatch(bucket: Bucket, known: number | undefined): Promise<number | undefined> {
  for (let low = known; ;) {
    const page = await batchesAfter(bucket, low, pageSize);
    low = page.at(-1) ?? low;
    if (page.length < pageSize || low === undefined) return low;
    low = await gallop(bucket, low);
  }
}

/** A batch with less than a step of entries behind it. */
async function gallop(bucket: Bucket, from: number): Promise<number> {
  let [low, high] = [from, Infinity];
  for (let step = stepEntries; high - low > stepEntries; step *= 2) {
    const middle = high === Infinity ? low + step : Math.floor((low + high) / 2);
    const [found] = await batchesAfter(bucket, middle, 1);
    if (found === undefined) high = middle;
    else low = found;
  }
  return low;
}

async function batchesAfter(bucket: Bucket, first: number | undefined, count: number): Promise<number[]> {
  const startAfter = first === undefined ? {} : { startAfter: batchKey(first) };
  const firsts: number[] = [];
  for await (const { key, oldest } of keysWithVersions(bucket, batchPrefix, { ...startAfter, pageSize: count + 1 })) {
    const found = firstOf(key);
    if (found !== undefined && oldest !== undefined) firsts.push(found);
    if (firsts.length === count) break;
  }
  return firsts;
}
