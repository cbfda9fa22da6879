import { isDeepStrictEqual } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import type { Catalog, TableRow } from '#catalog';
import { messageOf } from '#kernel';
import type { Finding } from './finding.ts';
import type { FoldedLedger } from './folded-ledger.ts';

const remedy = 'Run `muniment rebuild`: the catalog is derived from the ledger.';
/** How long, together 10 s, a catalog may take to fold what the ledger has. */
const alignments = { attempts: 200, pauseMs: 50 };

/**
 * Compares a catalog with one that was folded anew: what tables there are, and every row of each that comes from the ledger.
 * Stops at the first difference in each table: the remedy is one.
 */
export class CatalogFindings {
  readonly #catalog: Catalog;
  readonly #truth: FoldedLedger;

  constructor(catalog: Catalog, truth: FoldedLedger) {
    this.#catalog = catalog;
    this.#truth = truth;
  }

  /** @param expected entries that the catalog must have folded */
  async *all(expected: number, onProgress: (done: number) => void): AsyncGenerator<Finding> {
    const position = this.#catalog.position();
    if (position < expected) {
      yield behind(`it has folded ${position} of ${expected} entries`);
      return;
    }
    try {
      yield* this.#file();
      yield* this.#tables(onProgress);
    } catch (thrown) {
      yield differs('catalog', `it cannot be read: ${messageOf(thrown)}`);
    }
  }

  *#file(): Generator<Finding> {
    for (const problem of this.#catalog.check()) yield differs('catalog', problem);
    const [ours, theirs] = [this.#truth.catalog.tables.definitions(), this.#catalog.tables.definitions()];
    if (ours !== theirs) yield differs('catalog', 'its tables and indexes are not those of this version');
  }

  async *#tables(onProgress: (done: number) => void): AsyncGenerator<Finding> {
    let done = 0;
    for (const table of this.#truth.catalog.tables.names()) {
      for (let after: TableRow | undefined = []; after !== undefined;) {
        if (!(await this.#isAligned())) return yield* this.#lagging();
        // Without a pause from here on: the state of both is that of the same entry.
        const ours = this.#truth.catalog.tables.page(table, after);
        const theirs = this.#catalog.tables.page(table, after);
        const at = firstDifference(ours.rows, theirs.rows);
        if (at !== undefined) yield differs(placeOf(table, at), 'it is not as the ledger has it');
        after = at === undefined ? ours.next : undefined;
        done += ours.rows.length;
        onProgress(done);
      }
    }
  }

  /** Damage that keeps the ledger from being followed is named when the rest of it is folded. */
  *#lagging(): Generator<Finding> {
    if (this.#truth.isWhole) yield behind('it does not follow the ledger');
  }

  /** Whether both stand at the same entry now: only then their rows may be compared, until the next pause. */
  async #isAligned(): Promise<boolean> {
    for (let attempt = 0; attempt < alignments.attempts; attempt++) {
      if (this.#truth.position < this.#catalog.position()) await this.#truth.catchUp({ to: this.#catalog.position() });
      if (this.#truth.position === this.#catalog.position()) return true;
      if (!this.#truth.isWhole) return false;
      await setTimeout(alignments.pauseMs);
    }
    return false;
  }
}

function firstDifference(ours: readonly TableRow[], theirs: readonly TableRow[]): TableRow | undefined {
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    if (!isDeepStrictEqual(ours[at], theirs[at])) return ours[at] ?? theirs[at];
  }
  return undefined;
}

/** Rows whose key is a number are named by it; other keys may be names. */
function placeOf(table: string, [key]: TableRow): string {
  return typeof key === 'number' ? `${table} ${key}` : table;
}

function behind(problem: string): Finding {
  return { code: 'catalog-behind', place: 'catalog', problem, remedy };
}

function differs(place: string, problem: string): Finding {
  return { code: 'catalog-differs', place: place === 'catalog' ? place : `catalog, ${place}`, problem, remedy };
}
