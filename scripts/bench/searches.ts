import type { Deployment } from '#app';
import { stopwatch } from '#kernel';
import { parseMessage } from '#message';
import { percentile } from './statistics.ts';

const queriesPerClass = 10;
const rounds = 5;
const hitsPerPage = 20;
/** A word in more of the messages than this is everywhere: a footer, a name of the firm. */
const stillCommon = 0.3;
/** Phrases are taken from behind this many characters of a body. */
const greetingCharacters = 100;

/** How long searches of one kind take, first page and exact total, the audit entry included. */
export interface SearchClass {
  readonly name: string;
  readonly queries: number;
  readonly example: string;
  /** Exact totals of the smallest and the largest answer. */
  readonly hits: readonly [least: number, most: number];
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Asks each kind of question about words that the sample really says. */
export async function searchesOf(sample: readonly Buffer[], deployment: Deployment): Promise<readonly SearchClass[]> {
  const classes: SearchClass[] = [];
  for (const [name, queries] of Object.entries(queriesFrom(sample))) {
    const [example] = queries;
    if (example === undefined) continue;
    const times: number[] = [];
    const totals: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const query of queries) {
        const elapsed = stopwatch();
        const page = await deployment.searching.search({ query, sort: 'date', limit: hitsPerPage }, 'bench');
        times.push(elapsed());
        totals.push(page.total);
      }
    }
    const hits = [Math.min(...totals), Math.max(...totals)] as const;
    const p50Ms = percentile(times, 50);
    classes.push({ name, queries: queries.length, example, hits, p50Ms, p95Ms: percentile(times, 95) });
  }
  return classes;
}

/** In how many messages of the sample something occurs. */
type Counts = Map<string, number>;

interface Vocabulary {
  readonly words: Counts;
  readonly senders: Counts;
  readonly months: Counts;
  readonly phrases: readonly string[];
}

/** Query texts by kind, the same for the same sample. */
function queriesFrom(sample: readonly Buffer[]): Readonly<Record<string, readonly string[]>> {
  const { words: frequency, senders, months, phrases } = vocabularyOf(sample);
  const words = byFrequency(frequency).filter((word) => (frequency.get(word) ?? 0) < sample.length * stillCommon);
  const withCommon = (field: string, values: Counts): readonly string[] =>
    first(byFrequency(values)).map((value, at) => `${field}:${value} ${words[at] ?? ''}`.trim());
  return {
    'common word': first(words),
    'rare word': first(words.filter((word) => frequency.get(word) === 1)),
    phrase: spread(phrases),
    field: withCommon('from', senders),
    date: withCommon('date', months),
  };
}

function vocabularyOf(sample: readonly Buffer[]): Vocabulary {
  const [words, senders, months]: [Counts, Counts, Counts] = [new Map(), new Map(), new Map()];
  const phrases: string[] = [];
  for (const bytes of sample) {
    const { body, from, date } = parseMessage(bytes);
    for (const word of new Set(body.toLowerCase().match(/\b[a-z]{4,12}\b/gu))) add(words, word);
    add(senders, /^[\w.-]+(?=@)/u.exec(from[0]?.address ?? '')?.[0]);
    add(months, monthOf(date));
    const phrase = /\b[a-z]{3,12} [a-z]{3,12} [a-z]{3,12}\b/iu.exec(body.slice(greetingCharacters))?.[0];
    if (phrase !== undefined) phrases.push(`"${phrase.toLowerCase()}"`);
  }
  return { words, senders, months, phrases };
}

function monthOf(date: ReturnType<typeof parseMessage>['date']): string | undefined {
  if (date === undefined || date < 0 || date > Date.UTC(2100)) return undefined;
  return new Date(date).toISOString().slice(0, 'YYYY-MM'.length);
}

function add(counts: Counts, key: string | undefined): void {
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
}

function first(queries: readonly string[]): readonly string[] {
  return queries.slice(0, queriesPerClass);
}

function byFrequency(counts: Counts): string[] {
  return [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key);
}

function spread(items: readonly string[]): readonly string[] {
  const every = Math.max(1, Math.floor(items.length / queriesPerClass));
  return first(items.filter((_, at) => at % every === 0));
}
