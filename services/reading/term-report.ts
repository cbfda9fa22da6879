import type { Catalog } from '#catalog';
import { SequenceSet, type Coverage } from '#search';

/** What one of many terms finds: messages with all that is attached to them, each counted once. */
export interface TermHits {
  readonly term: string;
  readonly messages: number;
  /** Those that no other term of the report finds. */
  readonly unique: number;
  /** The earliest and the latest Date field among them, in ms since 1970; null where none has one. */
  readonly first: number | null;
  readonly last: number | null;
  /** Of each custodian with any, how many. A message may be several people's. */
  readonly custodians: ReadonlyMap<string, number>;
}

/** A search term report: all terms as of the same sequence. */
export interface TermReport extends Coverage {
  readonly terms: readonly TermHits[];
  /** Messages that at least one term finds. */
  readonly messages: number;
}

const NO_TERM = -1;
const SEVERAL_TERMS = -2;

/** Adds up what terms find, one after the other; 4 bytes for each sequence, however many terms. */
export class TermCounter {
  readonly #dates: Float64Array;
  readonly #custodians: readonly (readonly [id: string, messages: SequenceSet])[];
  /** By sequence: which term found it. */
  readonly #finder: Int32Array;
  readonly #counted: Omit<TermHits, 'unique'>[] = [];

  /** @param through more than any sequence that is found */
  constructor(catalog: Catalog, dates: Float64Array, through: number) {
    this.#dates = dates;
    this.#custodians = custodiansOf(catalog, through);
    this.#finder = new Int32Array(through).fill(NO_TERM);
  }

  add(term: string, found: SequenceSet): void {
    const place = this.#counted.length;
    let [messages, first, last] = [0, Infinity, -Infinity];
    for (const sequence of found) {
      messages += 1;
      this.#finder[sequence] = this.#finder[sequence] === NO_TERM ? place : SEVERAL_TERMS;
      const date = this.#dates[sequence] ?? Number.NaN;
      if (date < first) first = date;
      if (date > last) last = date;
    }
    const shares = this.#custodians.map(([id, theirs]) => [id, theirs.and(found).size] as const);
    const custodians = new Map(shares.filter(([, count]) => count > 0));
    this.#counted.push({ term, messages, first: finite(first), last: finite(last), custodians });
  }

  report(coverage: Coverage): TermReport {
    const unique = new Int32Array(this.#counted.length);
    let messages = 0;
    for (const finder of this.#finder) {
      if (finder !== NO_TERM) messages += 1;
      if (finder >= 0) unique[finder] = (unique[finder] ?? 0) + 1;
    }
    const terms = this.#counted.map((counted, place) => ({ ...counted, unique: unique[place] ?? 0 }));
    return { ...coverage, messages, terms };
  }
}

function custodiansOf({ sightings }: Catalog, through: number): readonly (readonly [string, SequenceSet])[] {
  const ids = new Set(sightings.places().map(({ custodian }) => custodian));
  ids.delete('');
  return [...ids].sort().map((id) => {
    return [id, SequenceSet.of(sightings.messagesIn(({ custodian }) => custodian === id, through))] as const;
  });
}

function finite(date: number): number | null {
  return Number.isFinite(date) ? date : null;
}
