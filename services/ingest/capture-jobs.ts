import { ArchiveFault } from '#archive';
import { messageOf } from '#kernel';
import type { Job, JobAnswer, JobQueue } from '#jobs';
import type { Capture } from './capture.ts';
import type { CaptureTally } from './capture-tally.ts';
import type { Spool, SpoolItem } from './spool.ts';

/** The job type: payload `{ key }` of an item in the spool, result its `CaptureOutcome`. */
export const captureJob = 'capture';

/** Messages per group commit: large enough to share one fdatasync, small enough to bound memory. */
export const captureBatch = 256;

export interface CaptureWork {
  readonly queue: JobQueue;
  readonly spool: Spool;
  readonly capture: Pick<Capture, 'capture'>;
  /** Told how each job ended. */
  readonly tally: CaptureTally;
}

/** Lets `capture` work on the queue until the result is disposed of. */
export function workOnCaptures({ queue, spool, capture, tally }: CaptureWork): AsyncDisposable {
  return queue.work(
    captureJob,
    async (batch) => {
      const items = await Promise.all(batch.map((job) => spool.get(keyOf(job))));
      const present = items.filter((item): item is SpoolItem => item !== undefined);
      const answered = await answersOf(capture, present, tally);
      tally.add(Array.from({ length: items.length - present.length }, () => 'missing'));
      let next = 0;
      const answers = items.map((item): JobAnswer => {
        if (item === undefined) return { ok: false, error: 'the spool no longer has it', final: true };
        return answered[next++] ?? { ok: true, result: 'known' };
      });
      await Promise.all(batch.map((job) => spool.drop(keyOf(job))));
      return answers;
    },
    // Two at once: one is read while the other is being recorded.
    { batchSize: captureBatch, concurrency: 2, attempts: 3, backoff: { firstMs: 100, maxMs: 2000 } },
  );
}

/** A message of which storage says that it was disposed of, and the ledger does not, keeps none beside it from being captured. */
async function answersOf(
  capture: CaptureWork['capture'],
  items: readonly SpoolItem[],
  tally: CaptureTally,
): Promise<JobAnswer[]> {
  try {
    const outcomes = await capture.capture(items);
    tally.add(outcomes);
    return outcomes.map((result) => ({ ok: true, result }));
  } catch (thrown) {
    if (thrown instanceof ArchiveFault && thrown.code === 'disposed') {
      if (items.length > 1) return oneByOne(capture, items, tally);
      tally.add(['failed']);
      return [{ ok: false, error: messageOf(thrown), final: true }];
    }
    tally.add(items.map(() => 'failed'));
    throw thrown;
  }
}

async function oneByOne(
  capture: CaptureWork['capture'],
  items: readonly SpoolItem[],
  tally: CaptureTally,
): Promise<JobAnswer[]> {
  const answers: JobAnswer[] = [];
  for (const item of items) answers.push(...(await answersOf(capture, [item], tally)));
  return answers;
}

function keyOf({ payload: { key } }: Job): string {
  return typeof key === 'string' ? key : '';
}
