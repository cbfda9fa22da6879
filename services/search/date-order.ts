/** Where a message stands in an answer that is ordered by date. */
export interface DateKey {
  readonly date: number | null;
  readonly sequence: number;
}

/** A run of dates in descending order, `from <= date < before`; null bounds are open. */
export interface DateBand {
  readonly from: number | null;
  readonly before: number | null;
}

// Outside of this a sender's date is taken for an error: it stays searchable, but does not push itself to the front.
const BELIEVABLE_FROM = Date.UTC(1970, 0, 1);
const BELIEVABLE_BEFORE = Date.UTC(2100, 0, 1);

/** Newest first: believable dates, then those of the far future, then those before 1970; after them messages without a date. */
export const dateBands: readonly DateBand[] = [
  { from: BELIEVABLE_FROM, before: BELIEVABLE_BEFORE },
  { from: BELIEVABLE_BEFORE, before: null },
  { from: null, before: BELIEVABLE_FROM },
];

/** Position among the bands; one more than the last for a message without a date. */
export function bandOf(date: number | null): number {
  if (date === null) return dateBands.length;
  return dateBands.findIndex(
    ({ from, before }) => (from === null || date >= from) && (before === null || date < before),
  );
}

/** Negative when `a` comes first. Within one millisecond the later capture is first. */
export function compareByDate(a: DateKey, b: DateKey): number {
  return bandOf(a.date) - bandOf(b.date) || (b.date ?? 0) - (a.date ?? 0) || b.sequence - a.sequence;
}

/** By sequence, from keys that are ascending by it: NaN where there is no date. */
export function datesOf(keys: readonly DateKey[]): Float64Array {
  const last = keys.findLast(({ date }) => date !== null);
  const dates = new Float64Array(last === undefined ? 0 : last.sequence + 1).fill(Number.NaN);
  for (const { sequence, date } of keys) if (date !== null) dates[sequence] = date;
  return dates;
}
