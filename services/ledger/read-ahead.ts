import { streamInParallel } from '#kernel';
import { damagedBatch } from './batch-file.ts';
import type { BatchReader } from './batch-reader.ts';
import type { OpenedBatch } from './head.ts';

/** Each is at most some megabytes. */
const batchesAhead = 8;

/**
 * Batches that follow each other from the one at `first` on, each opened and not yet checked against the one before. `listed`
 * only says what to read ahead: what it lacks is asked for, a stray within a batch is passed over.
 */
export async function* inSequence(
  reader: BatchReader,
  first: number,
  listed: AsyncIterable<number>,
): AsyncIterable<OpenedBatch> {
  let next = first;
  const reading = streamInParallel(listed, batchesAhead, async (at) => {
    const [result] = await Promise.allSettled([openBatch(reader, at)]);
    return { at, result };
  });
  for await (const { at, result } of reading) {
    while (next < at) {
      const batch = await openBatch(reader, next);
      yield batch;
      next = endOf(batch);
    }
    if (at !== next) continue;
    if (result.status === 'rejected') throw result.reason;
    yield result.value;
    next = endOf(result.value);
  }
  if (next === first) yield await openBatch(reader, first);
}

/** @throws LedgerFault `damaged`, also where there is none */
export async function openBatch(reader: BatchReader, at: number): Promise<OpenedBatch> {
  const batch = await reader.open(at);
  if (batch === undefined) throw damagedBatch(at, 'it is missing');
  return batch;
}

function endOf({ entries, file }: OpenedBatch): number {
  return file.header.first + entries.length;
}
