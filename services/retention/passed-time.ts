import { type LedgerTime, type MessageRecord, pauseCountedMsMax } from '#catalog';
import { RetentionFault } from './retention-fault.ts';

const day = 86_400_000;

/** A retention that has ended by the clock. */
interface Ended {
  readonly message: MessageRecord;
  readonly until: number;
  readonly now: number;
}

/**
 * That the clock says so is not enough: it may have been set. As much time as the retention lasts must have been seen to pass
 * by the ledger since the capture.
 * @throws RetentionFault `time-unwitnessed`
 */
export function refuseUnlessPassed(time: LedgerTime, ended: Ended): void {
  const { message, until, now } = ended;
  const lasts = until - message.capturedAt;
  const witnessed = time.witnessed(message.capturedAt, now);
  if (witnessed >= lasts) return;
  const seen = `the ledger has seen ${Math.floor(witnessed / day)} of the ${Math.ceil(lasts / day)} days pass`;
  throw new RetentionFault(
    'time-unwitnessed',
    `The retention of ${message.digest} ended on ${dateOf(until)} by this machine's clock, but ${seen} since the capture.`,
    { remedy: remedyOf(time.newest(), now, now + lasts - witnessed) },
  );
}

function remedyOf(newest: number, now: number, earliest: number): string {
  const setRight = 'Nothing was destroyed. Set the clock right where it is ahead.';
  const days = pauseCountedMsMax / day;
  if (newest <= now)
    return `${setRight} If it is right, the archive lay idle, and a pause counts ${days} days at most: used every week, it can be disposed of on ${dateOf(earliest)}.`;
  return `${setRight} The ledger was written to by a clock that was ahead: no more time counts before ${dateOf(newest)}.`;
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
