import type { Recorder } from '#catalog';
import { ReadingFault } from './reading-fault.ts';

/** The newest sequence, after everything before it was folded. @throws ReadingFault `as-of-beyond` */
export async function newestChecked(recorder: Recorder, asOf: number | undefined): Promise<number> {
  await recorder.catchUp();
  const newest = recorder.ledger.head.size - 1;
  if (asOf === undefined || asOf <= newest) return newest;
  throw new ReadingFault('as-of-beyond', `The ledger ends at sequence ${newest}; ${asOf} is not there yet.`, {
    remedy: 'Give an earlier sequence, or none for the newest.',
  });
}
