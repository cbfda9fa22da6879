import type { MarkField } from './marks.ts';

/** Values that are listed of a field: a sender can put hosts into a message by the ten thousand. */
export const listedValuesMax = 10_000;

/** How many captures have each value of a mark. */
export interface MarkCounts {
  /** Of the most frequent values, `listedValuesMax` at most, those first; of equals in the order of their names. */
  readonly counts: ReadonlyMap<string, number>;
  /** How many other values there are. */
  readonly further: number;
}

type Counted = readonly [value: string, captures: number];

/** Takes the counts of all values, each once, and keeps those of the most frequent. Leaves out domains of one label. */
export class MarkTally {
  readonly #field: MarkField;
  #listed: Counted[] = [];
  #values = 0;

  constructor(field: MarkField) {
    this.#field = field;
  }

  /** What a tally of these has. */
  static of(field: MarkField, counted: Iterable<Counted>): MarkCounts {
    const tally = new MarkTally(field);
    for (const [value, captures] of counted) tally.add(value, captures);
    return tally.counts();
  }

  add(value: string, captures: number): void {
    if (this.#field === 'domain' && !value.includes('.')) return;
    this.#values += 1;
    if (this.#listed.push([value, captures]) === 2 * listedValuesMax) this.#cut();
  }

  counts(): MarkCounts {
    this.#cut();
    return { counts: new Map(this.#listed), further: this.#values - this.#listed.length };
  }

  #cut(): void {
    this.#listed = this.#listed.sort(mostFrequentFirst).slice(0, listedValuesMax);
  }
}

/** Of equals in the order of their names. */
export function mostFrequentFirst([a, ofA]: Counted, [b, ofB]: Counted): number {
  return ofB - ofA || (a < b ? -1 : 1);
}
