import type { Catalog, MessageRecord } from '#catalog';
import { messageOf } from '#kernel';
import type { Finding } from './finding.ts';
import type { FoldedLedger } from './folded-ledger.ts';

const remedy = 'Run `muniment rebuild`: the catalog is derived from the ledger.';
const chunkMessages = 1000;
/** C2SP tlog-tiles: 256 hashes to a tile. */
const tileWidth = 256;

/** Compares a catalog with one that was folded anew. Stops at the first difference of each kind: the remedy is one. */
export class CatalogFindings {
  readonly #catalog: Catalog;
  readonly #truth: FoldedLedger;

  constructor(catalog: Catalog, truth: FoldedLedger) {
    this.#catalog = catalog;
    this.#truth = truth;
  }

  /** @param expected entries that the catalog must have folded */
  async *all(expected: number): AsyncGenerator<Finding> {
    const position = this.#catalog.position();
    if (position < expected) {
      const problem = `it has folded ${position} of ${expected} entries`;
      yield { code: 'catalog-behind', place: 'catalog', problem, remedy };
      return;
    }
    try {
      yield* this.#tiles();
      yield* this.#messages();
      yield* this.#states();
    } catch (thrown) {
      yield differs('catalog', `it cannot be read: ${messageOf(thrown)}`);
    }
  }

  /** Whether both stand at the same entry now: only then their states may be compared, until the next pause. */
  async #isAligned(): Promise<boolean> {
    if (this.#truth.position < this.#catalog.position()) await this.#truth.catchUp();
    return this.#truth.position === this.#catalog.position();
  }

  async *#tiles(): AsyncGenerator<Finding> {
    if (!(await this.#isAligned())) return;
    let count = this.#truth.position;
    for (let level = 0; count > 0; level++) {
      for (let index = 0; index * tileWidth < count; index++) {
        const [ours, theirs] = [this.#truth.catalog.tiles.tile(level, index), this.#catalog.tiles.tile(level, index)];
        if (theirs !== undefined && Buffer.compare(ours ?? Buffer.alloc(0), theirs) === 0) continue;
        yield differs(`tile ${level}/${index}`, 'its hashes are not those of the ledger');
        return;
      }
      count = Math.floor(count / tileWidth);
    }
  }

  async *#messages(): AsyncGenerator<Finding> {
    const size = Math.min(this.#truth.position, this.#catalog.position());
    for (let from = 0; from < size;) {
      const aligned = await this.#isAligned();
      const ours = firstOf(this.#truth.catalog.messages.range(from, size));
      const theirs = firstOf(this.#catalog.messages.range(from, size));
      const at = differenceIn(ours, theirs, aligned);
      if (at !== undefined) {
        yield differs(`entry ${at}`, 'its message is not as the ledger has it');
        return;
      }
      const last = ours.at(-1);
      if (last === undefined) return;
      from = last.sequence + 1;
    }
  }

  /** Everything else, by what can be counted and listed without reading all of it. */
  async *#states(): AsyncGenerator<Finding> {
    if (!(await this.#isAligned())) return;
    const [ours, theirs] = [statesOf(this.#truth.catalog), statesOf(this.#catalog)];
    for (const [what, state] of ours) {
      if (theirs.get(what) !== state) yield differs(what, 'they are not as the ledger has them');
    }
  }
}

function firstOf(messages: Iterable<MessageRecord>): MessageRecord[] {
  const some: MessageRecord[] = [];
  for (const message of messages) if (some.push(message) >= chunkMessages) break;
  return some;
}

function differenceIn(
  ours: readonly MessageRecord[],
  theirs: readonly MessageRecord[],
  aligned: boolean,
): number | undefined {
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const [one, other] = [ours[at], theirs[at]];
    if (one === undefined || other === undefined || textOf(one, aligned) !== textOf(other, aligned)) {
      return (one ?? other)?.sequence;
    }
  }
  return undefined;
}

function textOf(message: MessageRecord, aligned: boolean): string {
  return JSON.stringify(aligned ? message : { ...message, state: '', retainUntil: null });
}

function statesOf(catalog: Catalog): ReadonlyMap<string, string> {
  const holds = catalog.holds.all().map((hold) => ({ ...hold, messages: catalog.holds.countOf(hold.id) }));
  return new Map([
    ['totals', JSON.stringify(catalog.messages.totals())],
    ['sightings', JSON.stringify([catalog.sightings.count(), catalog.sightings.places()])],
    ['holds', JSON.stringify(holds)],
    ['matters', JSON.stringify(catalog.matters.all())],
    ['schedules', JSON.stringify(catalog.dispositions.schedule() ?? null)],
    ['dispositions', JSON.stringify([...catalog.dispositions.all()])],
    ['examinations of storage', JSON.stringify(catalog.examinations.all())],
  ]);
}

function differs(place: string, problem: string): Finding {
  return { code: 'catalog-differs', place: place === 'catalog' ? place : `catalog, ${place}`, problem, remedy };
}
