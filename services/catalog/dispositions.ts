import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asSequence, type Sequence } from '#kernel';
import type { EntryOf } from '#ledger';
import { integer, integerOrNull, type Row, text } from './rows.ts';

/** The default retention schedule in force; `period` as ISO 8601 (`P7Y`), `null`: no duty to keep. */
export interface ScheduleRecord {
  readonly sequence: Sequence;
  readonly period: string | null;
}

/** A disposition that was ordered, and certified once `disposed` has the sequence of its certificate. Times in ms since 1970. */
export interface DispositionRecord {
  readonly order: string;
  readonly sequence: Sequence;
  readonly message: Sequence;
  readonly reason: string;
  readonly orderedAt: number;
  readonly disposed: Sequence | null;
}

function recordOf(row: Row): DispositionRecord {
  const disposed = integerOrNull(row, 'disposed');
  return {
    order: text(row, 'id'),
    sequence: asSequence(integer(row, 'sequence')),
    message: asSequence(integer(row, 'message')),
    reason: text(row, 'reason'),
    orderedAt: integer(row, 'time'),
    disposed: disposed === null ? null : asSequence(disposed),
  };
}

function scheduleOf(row: Row): ScheduleRecord {
  return {
    sequence: asSequence(integer(row, 'sequence')),
    period: row['period'] === null ? null : text(row, 'period'),
  };
}

/** Retention schedules, disposal orders and certificates. */
export class Dispositions {
  readonly #schedule: StatementSync;
  readonly #current: StatementSync;
  readonly #schedules: StatementSync;
  readonly #order: StatementSync;
  readonly #certify: StatementSync;
  readonly #open: StatementSync;
  readonly #all: StatementSync;
  readonly #since: StatementSync;
  readonly #one: StatementSync;
  readonly #ofMessage: StatementSync;

  constructor(db: DatabaseSync) {
    this.#schedule = db.prepare('insert into schedule (sequence, period, time) values (?, ?, ?)');
    this.#current = db.prepare('select sequence, period from schedule order by sequence desc limit 1');
    this.#schedules = db.prepare('select sequence, period from schedule order by sequence');
    this.#order = db.prepare(
      'insert or ignore into disposing (id, sequence, message, reason, time) values (?, ?, ?, ?, ?)',
    );
    this.#certify = db.prepare('update disposing set disposed = ? where id = ?');
    this.#open = db.prepare('select * from disposing where disposed is null order by sequence');
    this.#one = db.prepare('select * from disposing where id = ?');
    this.#ofMessage = db.prepare('select * from disposing where message = ? order by sequence desc limit 1');
    this.#since = db.prepare(
      'select count(distinct message) as messages from disposing where sequence > ? and message <= ?',
    );
    this.#all = db.prepare('select * from disposing where sequence >= ? order by sequence limit 1000');
  }

  scheduled(entry: EntryOf<'schedule-changed'>): void {
    this.#schedule.run(entry.sequence, entry.period, entry.time);
  }

  ordered(entry: EntryOf<'disposing'>): void {
    const reason = entry.aside === 'erased' ? '' : entry.aside.reason;
    this.#order.run(entry.order, entry.sequence, entry.capture, reason, entry.time);
  }

  certified(entry: EntryOf<'disposed'>): void {
    this.#certify.run(entry.sequence, entry.order);
  }

  schedule(): ScheduleRecord | undefined {
    const row = this.#current.get();
    return row === undefined ? undefined : scheduleOf(row);
  }

  /** Every schedule that ever was in force, oldest first. */
  schedules(): ScheduleRecord[] {
    return this.#schedules.all().map((row) => scheduleOf(row));
  }

  /** Ordered and not certified: a crash lies between, and whoever finds them finishes them. */
  unfinished(): DispositionRecord[] {
    return this.#open.all().map((row) => recordOf(row));
  }

  byOrder(order: string): DispositionRecord | undefined {
    const row = this.#one.get(order);
    return row === undefined ? undefined : recordOf(row);
  }

  /** The order that a message was, or is being, disposed of by. */
  ofMessage(message: Sequence): DispositionRecord | undefined {
    const row = this.#ofMessage.get(message);
    return row === undefined ? undefined : recordOf(row);
  }

  /** How many messages captured up to `asOf` an order of after that destroys, or has destroyed. */
  destroyedSince(asOf: number): number {
    return integer(this.#since.get(asOf, asOf) ?? {}, 'messages');
  }

  *all(from = 0): IterableIterator<DispositionRecord> {
    for (let next = from; ;) {
      const page = this.#all.all(next).map((row) => recordOf(row));
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      next = last.sequence + 1;
    }
  }
}
