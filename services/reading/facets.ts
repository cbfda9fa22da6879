import { type Catalog, factsAsOf } from '#catalog';
import {
  listedValuesMax,
  mostFrequentFirst,
  type QueryLimits,
  type SearchIndex,
  SequenceSet,
  threadsOf,
  type TimeZone,
} from '#search';

export const facetNames = [
  'custodian',
  'mailbox',
  'source',
  'domain',
  'filetype',
  'unsearchable',
  'fingerprint',
  'thread',
  'year',
  'month',
  'day',
] as const;

export type FacetName = (typeof facetNames)[number];

/** How many of what was found have a value; null: the messages without a date. A message may be several people's. */
export interface FacetBucket {
  readonly value: string | null;
  readonly messages: number;
}

export interface Facet {
  readonly name: FacetName;
  /** The most frequent first; dates, in the time zone, ascending. Values that nothing has are left out, and domains of one label. */
  readonly buckets: readonly FacetBucket[];
  /** How many values there are beside these, which are less frequent: more than `listedValuesMax` are not listed. */
  readonly further: number;
}

export interface Found {
  readonly sequences: SequenceSet;
  /** More than any sequence that counts. */
  readonly through: number;
  /** Of what takes long. */
  readonly limits?: QueryLimits | undefined;
  /** In whose days, months and years. */
  readonly timeZone: TimeZone;
}

/** What was found, divided by each of these. */
export async function facetsOf(
  catalog: Catalog,
  index: SearchIndex,
  names: readonly FacetName[],
  found: Found,
): Promise<readonly Facet[]> {
  const facets: Facet[] = [];
  for (const name of names) facets.push({ name, ...(await divided(catalog, index, name, found)) });
  return facets;
}

/** Those of which the index knows how many messages have each value. */
const markFacets = ['domain', 'filetype', 'unsearchable', 'fingerprint'] as const;

function isMarkFacet(name: FacetName): name is (typeof markFacets)[number] {
  return markFacets.some((one) => one === name);
}

async function divided(
  catalog: Catalog,
  index: SearchIndex,
  name: FacetName,
  found: Found,
): Promise<Omit<Facet, 'name'>> {
  if (isMarkFacet(name)) {
    const { counts, further } = await index.markCounts(name, found.sequences);
    return { buckets: bucketsOf(counts), further };
  }
  switch (name) {
    case 'custodian':
    case 'mailbox':
      return { buckets: ranked(byPlaces(catalog, name, found)), further: 0 };
    case 'source':
      return { buckets: ranked(bySources(catalog, found)), further: 0 };
    case 'thread':
      return byThreads(catalog, index, found);
    case 'year':
    case 'month':
    case 'day':
      return { buckets: byDates(name, found, await index.dates()), further: 0 };
  }
}

/** The most frequent first; of equals in the order of their names. */
function ranked(counts: readonly (readonly [value: string, messages: number])[]): FacetBucket[] {
  const found = counts.filter(([, messages]) => messages > 0);
  return bucketsOf(found.sort(mostFrequentFirst));
}

function bucketsOf(counts: Iterable<readonly [value: string, messages: number]>): FacetBucket[] {
  return Array.from(counts, ([value, messages]) => ({ value, messages }));
}

function byPlaces(
  { sightings }: Catalog,
  name: 'custodian' | 'mailbox',
  { sequences, through }: Found,
): [string, number][] {
  const places = Map.groupBy(sightings.places(), (place) => place[name]);
  places.delete('');
  return [...places].map(([value, theirs]) => {
    const messages = SequenceSet.of();
    for (const place of theirs) for (const message of sightings.messagesAt(place, through)) messages.add(message);
    return [value, messages.and(sequences).size];
  });
}

/** By the digest of the message of each that was captured first, found or not. */
async function byThreads(
  catalog: Catalog,
  index: SearchIndex,
  { sequences, through, limits }: Found,
): Promise<Omit<Facet, 'name'>> {
  const asOf = through - 1;
  const threads = await threadsOf(index, sequences, { facts: factsAsOf(catalog, asOf), asOf }, limits);
  const counts = threads.map(({ digest, members }): [string, number] => [digest, members.and(sequences).size]);
  const buckets = ranked(counts);
  return { buckets: buckets.slice(0, listedValuesMax), further: Math.max(0, buckets.length - listedValuesMax) };
}

/** By the names that people know: two sources of one name are one. */
function bySources({ sightings, sources }: Catalog, { sequences, through }: Found): [string, number][] {
  const named = Map.groupBy(sightings.sources(), (id) => sources.nameOf(id) ?? id);
  return [...named].map(([name, ids]) => {
    const messages = SequenceSet.of(sightings.messagesFrom((id) => ids.includes(id), through));
    return [name, messages.and(sequences).size];
  });
}

function byDates(name: 'year' | 'month' | 'day', { sequences, timeZone }: Found, dates: Float64Array): FacetBucket[] {
  const counts = new Map<string | null, { first: number; messages: number }>();
  for (const sequence of sequences) {
    const date = dates[sequence] ?? Number.NaN;
    const value = spanOf(timeZone.shown(date), name);
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

/** The year, month or day of an instant as ISO 8601 writes it in UTC; null where it has no such form. */
function spanOf(date: number, name: 'year' | 'month' | 'day'): string | null {
  if (!(Math.abs(date) <= 8.64e15)) return null;
  const [day = ''] = new Date(date).toISOString().split('T');
  if (name === 'day') return day;
  return name === 'month' ? day.slice(0, -3) : day.slice(0, -6);
}
