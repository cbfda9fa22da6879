import type { Catalog } from '#catalog';
import { SequenceSet } from '#search';

export const facetNames = ['custodian', 'mailbox', 'year', 'month', 'day'] as const;

export type FacetName = (typeof facetNames)[number];

/** How many of what was found have a value; null: the messages without a date. A message may be several people's. */
export interface FacetBucket {
  readonly value: string | null;
  readonly messages: number;
}

export interface Facet {
  readonly name: FacetName;
  /** Of custodians and mailboxes the most frequent first; dates, in UTC, ascending. Values that nothing has are left out. */
  readonly buckets: readonly FacetBucket[];
}

export interface Found {
  readonly sequences: SequenceSet;
  /** Of the index, by sequence. */
  readonly dates: Float64Array;
  /** More than any sequence that counts. */
  readonly through: number;
}

/** What was found, divided by each of these. */
export function facetsOf(catalog: Catalog, names: readonly FacetName[], found: Found): readonly Facet[] {
  return names.map((name) => {
    const byPlace = name === 'custodian' || name === 'mailbox';
    return { name, buckets: byPlace ? byPlaces(catalog, name, found) : byDates(name, found) };
  });
}

function byPlaces({ sightings }: Catalog, name: 'custodian' | 'mailbox', { sequences, through }: Found): FacetBucket[] {
  const places = Map.groupBy(sightings.places(), (place) => place[name]);
  places.delete('');
  const buckets = [...places].map(([value, theirs]) => {
    const messages = SequenceSet.of();
    for (const place of theirs) for (const message of sightings.messagesAt(place, through)) messages.add(message);
    return { value, messages: messages.and(sequences).size };
  });
  return buckets
    .filter(({ messages }) => messages > 0)
    .sort((a, b) => b.messages - a.messages || (a.value < b.value ? -1 : 1));
}

function byDates(name: 'year' | 'month' | 'day', { sequences, dates }: Found): FacetBucket[] {
  const counts = new Map<string | null, { first: number; messages: number }>();
  for (const sequence of sequences) {
    const date = dates[sequence] ?? Number.NaN;
    const value = spanOf(date, name);
    const bucket = counts.get(value);
    if (bucket === undefined) counts.set(value, { first: date, messages: 1 });
    else bucket.messages += 1;
  }
  const undated = counts.get(null);
  counts.delete(null);
  const dated = [...counts].sort(([, a], [, b]) => a.first - b.first);
  const buckets: FacetBucket[] = dated.map(([value, { messages }]) => ({ value, messages }));
  return undated === undefined ? buckets : [...buckets, { value: null, messages: undated.messages }];
}

/** The year, month or day of an instant as ISO 8601 writes it; null where it has no such form. */
function spanOf(date: number, name: 'year' | 'month' | 'day'): string | null {
  if (!(Math.abs(date) <= 8.64e15)) return null;
  const [day = ''] = new Date(date).toISOString().split('T');
  if (name === 'day') return day;
  return name === 'month' ? day.slice(0, -3) : day.slice(0, -6);
}
