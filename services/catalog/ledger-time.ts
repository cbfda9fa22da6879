import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LedgerBatch } from '#ledger';
import { integer, type Row } from './rows.ts';

/** What a pause between two batches counts at most in witnessed time: a clock that is set forward gains no more. Milliseconds. */
export const pauseCountedMsMax = 7 * 86_400_000;

/** The time of batches, and how much time the ledger has seen pass up to each. Neither ever goes back. */
export class LedgerTime {
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #upTo: StatementSync;
  readonly #since: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('insert into batch (first, next, time, witnessed) values (?, ?, ?, ?)');
    this.#last = db.prepare('select time, witnessed from batch order by first desc limit 1');
    this.#since = db.prepare('select first from batch where time >= ? order by time, first limit 1');
    this.#upTo = db.prepare('select time, witnessed from batch where time <= ? order by time desc limit 1');
  }

  took({ first, entries, time }: Pick<LedgerBatch, 'first' | 'entries' | 'time'>): void {
    this.#insert.run(first, first + entries.length, time, witnessedUpTo(this.#last.get(), time));
  }

  /** The time of the newest batch, in milliseconds since 1970; 0 where there is none. */
  newest(): number {
    const last = this.#last.get();
    return last === undefined ? 0 : integer(last, 'time');
  }

  /** The earliest time that an entry can have which is appended when a clock says `now`: the ledger's never goes back. */
  next(now: number): number {
    return Math.max(now, this.newest());
  }

  /** The first entry that is not older than this instant; undefined where all are. */
  firstSince(instant: number): number | undefined {
    const row = this.#since.get(instant);
    return row === undefined ? undefined : integer(row, 'first');
  }

  /** Milliseconds from `from` to `to` in which the ledger was written to, pauses included up to `pauseCountedMsMax` each. */
  witnessed(from: number, to: number): number {
    return witnessedUpTo(this.#upTo.get(to), to) - witnessedUpTo(this.#upTo.get(from), from);
  }
}

function witnessedUpTo(batch: Row | undefined, time: number): number {
  if (batch === undefined) return 0;
  return integer(batch, 'witnessed') + Math.min(time - integer(batch, 'time'), pauseCountedMsMax);
}
