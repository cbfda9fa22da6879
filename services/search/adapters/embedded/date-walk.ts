import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bandOf, compareByDate, dateBands, datesOf, type DateBand, type DateKey } from '../../date-order.ts';
import type { PageKey } from '../../cursor.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { rowsOf } from './rows.ts';

/** Looking up one date costs about as much as walking past this many. */
const LOOKUP_COST = 2;

/** What is to be listed: a set, how many it has of how many messages, and dates that all its members lie between. */
export interface DatedHits {
  readonly set: SequenceSet;
  readonly total: number;
  readonly every: number;
  /** With a bound, messages without a date are no members. */
  readonly bounds: DateBand;
}

/** Lists a set in date order, without sorting what is not shown. */
export class DateWalk {
  readonly #sameDate: StatementSync;
  readonly #band: StatementSync;
  readonly #undated: StatementSync;
  readonly #date: StatementSync;
  readonly #every: StatementSync;

  constructor(database: DatabaseSync) {
    const select = 'select date, sequence from message where';
    this.#sameDate = database.prepare(`${select} date = ? and sequence < ? order by sequence desc`);
    this.#band = database.prepare(`${select} date >= ? and date < ? order by date desc, sequence desc`);
    this.#undated = database.prepare(`${select} date is null and sequence < ? order by sequence desc`);
    this.#date = database.prepare('select date, sequence from message where sequence = ?');
    this.#every = database.prepare(`${select} date is not null order by sequence`);
    const listing = [this.#sameDate, this.#band, this.#undated, this.#date, this.#every];
    for (const statement of listing) statement.setReturnArrays(true);
  }

  /** Up to `limit` members of the set behind the key. */
  page(hits: DatedHits, limit: number, after: PageKey | undefined): DateKey[] {
    const walked = (limit * hits.every) / Math.max(1, hits.total);
    return hits.total * LOOKUP_COST < walked ? this.#sorted(hits.set, limit, after) : this.#walked(hits, limit, after);
  }

  /** Of every message, by its sequence; NaN where there is none. */
  dates(): Float64Array {
    return datesOf([...this.#keys(this.#every)]);
  }

  #walked({ set, bounds }: DatedHits, limit: number, after: PageKey | undefined): DateKey[] {
    const page: DateKey[] = [];
    for (const key of this.#walk(bounds, after)) {
      if (page.length >= limit) break;
      if (set.has(key.sequence)) page.push(key);
    }
    return page;
  }

  #sorted(set: SequenceSet, limit: number, after: PageKey | undefined): DateKey[] {
    const keys: DateKey[] = [];
    const start = after === undefined ? undefined : { date: after.value, sequence: after.sequence };
    for (const sequence of set) {
      for (const key of this.#keys(this.#date, sequence)) {
        if (start === undefined || compareByDate(start, key) < 0) keys.push(key);
      }
    }
    return keys.sort(compareByDate).slice(0, limit);
  }

  *#walk(bounds: DateBand, after: PageKey | undefined): Generator<DateKey> {
    if (after !== undefined && after.value !== null) yield* this.#keys(this.#sameDate, after.value, after.sequence);
    for (const band of bandsBehind(after)) {
      const { from, before } = overlap(band, bounds);
      yield* this.#keys(this.#band, from, before);
    }
    if (bounds.from !== null || bounds.before !== null) return;
    const undatedBelow = after !== undefined && after.value === null ? after.sequence : Number.MAX_SAFE_INTEGER;
    yield* this.#keys(this.#undated, undatedBelow);
  }

  *#keys(statement: StatementSync, ...values: number[]): Generator<DateKey> {
    for (const [date, sequence] of rowsOf(statement, ...values)) {
      yield { date: date === null ? null : Number(date), sequence: Number(sequence) };
    }
  }
}

function bandsBehind(after: PageKey | undefined): readonly DateBand[] {
  if (after === undefined) return dateBands;
  const [current, ...later] = dateBands.slice(bandOf(after.value));
  return current === undefined ? [] : [{ from: current.from, before: after.value }, ...later];
}

/** Empty, with `from` not before `before`, where the two have no date in common. */
function overlap(a: DateBand, b: DateBand): { readonly from: number; readonly before: number } {
  return {
    from: Math.max(a.from ?? -Infinity, b.from ?? -Infinity),
    before: Math.min(a.before ?? Infinity, b.before ?? Infinity),
  };
}
