import type { Job, JobAnswer, JobQueue } from '#jobs';
import type { Capture, CaptureOutcome } from './capture.ts';
import type { CaptureTally } from './capture-tally.ts';
import type { Spool, SpoolItem } from './spool.ts';

/** The job type: payload `{ key }` of an item in the spool, result its `CaptureOutcome`. */
export const captureJob = 'capture';

/** Messages per group commit: large enough to share one fdatasync, small enough to bound memory. */
export const captureBatch = 256;

export interface CaptureWork {
  readonly queue: JobQueue;
  readonly spool: Spool;
  readonly capture: Capture;
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
      const outcomes = await counted(capture, present, tally);
      tally.add(Array.from({ length: items.length - present.length }, () => 'missing'));
      let next = 0;
      const answers = items.map((item): JobAnswer => {
        if (item === undefined) return { ok: false, error: 'the spool no longer has it', final: true };
        const outcome: CaptureOutcome = outcomes[next++] ?? 'known';
        return { ok: true, result: outcome };
      });
      await Promise.all(batch.map((job) => spool.drop(keyOf(job))));
      return answers;
    },
    // Two at once: one is read while the other is being recorded.
    { batchSize: captureBatch, concurrency: 2, attempts: 3, backoff: { firstMs: 100, maxMs: 2000 } },
  );
}

async function counted(capture: Capture, items: readonly SpoolItem[], tally: CaptureTally): Promise<CaptureOutcome[]> {
  try {
    const outcomes = await capture.capture(items);
    tally.add(outcomes);
    return outcomes;
  } catch (thrown) {
    tally.add(items.map(() => 'failed'));
    throw thrown;
  }
}

function keyOf({ payload: { key } }: Job): string {
  return typeof key === 'string' ? key : '';
}
