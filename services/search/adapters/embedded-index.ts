import { asSequence, type Sequence } from '#kernel';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { dateBounds } from '../ast.ts';
import { encodeCursor, pageStart, type PageKey, type PageStart } from '../cursor.ts';
import type { MarkCounts } from '../mark-tally.ts';
import type { GroupingMark, MarkField } from '../marks.ts';
import { type Patience, patienceOf, type PolledLimits } from '../patience.ts';
import type {
  CountAnswer,
  Coverage,
  Hit,
  IndexChange,
  IndexComparison,
  IndexedMessage,
  SearchAnswer,
  SearchIndex,
  SearchIndexCapabilities,
  SearchRequest,
  Selection,
  SelectRequest,
} from '../search-index.ts';
import { SequenceSet } from '../sequence-set.ts';
import { compile } from './embedded/compiler.ts';
import { EmbeddedComparison } from './embedded/comparison.ts';
import { DateWalk } from './embedded/date-walk.ts';
import { firstOfSame } from './embedded/first-of-same.ts';
import { inspect } from './embedded/inspection.ts';
import { markCounts } from './embedded/mark-counts.ts';
import { Relevance } from './embedded/relevance.ts';
import { prepareSchema } from './embedded/schema.ts';
import { SetReader } from './embedded/set-reader.ts';
import { withSqliteFaults } from './embedded/sqlite-fault.ts';
import { Vocabulary } from './embedded/vocabulary.ts';
import { Writer } from './embedded/writer.ts';

interface Found {
  readonly set: SequenceSet;
  readonly total: number;
  readonly start: PageStart;
}

/** SearchIndex on SQLite FTS5: one file (and its write-ahead log), one process. */
export class EmbeddedIndex implements SearchIndex {
  readonly capabilities: SearchIndexCapabilities = { erasure: 'apply', comparison: 'words', listedMax: Infinity };
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #vocabulary: Vocabulary;
  readonly #reader: SetReader;
  readonly #walk: DateWalk;
  readonly #relevance: Relevance;
  readonly #position: StatementSync;
  readonly #documentOf = (sequence: number) => this.#writer.read(sequence)?.document;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#writer = new Writer(database);
    this.#vocabulary = new Vocabulary(database, this.#documentOf);
    this.#reader = new SetReader(database, this.#vocabulary, this.#documentOf);
    this.#walk = new DateWalk(database);
    this.#relevance = new Relevance(database);
    // A process that was killed between a removal and its checkpoint has left words in the log.
    this.#writer.checkpoint();
    this.#position = database.prepare(`select value from state where key = 'position'`);
  }

  /**
   * Opens the index in this file, or begins an empty one.
   * @throws SearchFault `index-damaged`, `index-outdated`, `index-unavailable`
   */
  static open(file: string): EmbeddedIndex {
    return withSqliteFaults(() => {
      const database = new DatabaseSync(file);
      try {
        prepareSchema(database);
        return new EmbeddedIndex(database);
      } catch (thrown) {
        database.close();
        throw thrown;
      }
    });
  }

  async apply(change: IndexChange): Promise<void> {
    this.#relevance.forget();
    withSqliteFaults(() => {
      const everything = this.#reader.release();
      const added = this.#writer.apply(change);
      if (change.removed.length === 0) this.#reader.resume(everything, added);
    });
  }

  async lacking(sequences: readonly Sequence[]): Promise<readonly Sequence[]> {
    return withSqliteFaults(() => sequences.filter((sequence) => !this.#writer.knows(sequence)));
  }

  async expunge(): Promise<void> {}

  async position(): Promise<number> {
    return withSqliteFaults(() => this.#through());
  }

  async search(request: SearchRequest, limits?: PolledLimits): Promise<SearchAnswer> {
    return withSqliteFaults(() => {
      const patience = patienceOf(limits);
      const start = pageStart(request, this.#through() - 1);
      const set = this.#matching(request, start.asOf, patience);
      const total = set.size;
      const keys = this.#page(request, { set, total, start }, patience);
      const answer = {
        total,
        ...this.#coverage(start.asOf),
        ...(start.key === undefined && { sequences: set }),
        hits: keys.slice(0, request.limit).map((key) => this.#hit(key)),
      };
      const last = keys[request.limit - 1];
      return keys.length > request.limit && last !== undefined
        ? { ...answer, next: encodeCursor(request, start.asOf, last) }
        : answer;
    });
  }

  async count(request: SelectRequest, limits?: PolledLimits): Promise<CountAnswer> {
    const selection = await this.select(request, limits);
    return { total: selection.sequences.size, ...selection };
  }

  async select(request: SelectRequest, limits?: PolledLimits): Promise<Selection> {
    return withSqliteFaults(() => {
      const asOf = request.asOf ?? this.#through() - 1;
      return { ...this.#coverage(asOf), sequences: this.#matching(request, asOf, patienceOf(limits)) };
    });
  }

  async markCounts(field: MarkField, within: SequenceSet): Promise<MarkCounts> {
    return withSqliteFaults(() => markCounts(this.#database, this.#documentOf, field, within));
  }

  async firstOfSame(field: GroupingMark, within: SequenceSet): Promise<Uint32Array> {
    return withSqliteFaults(() => firstOfSame(this.#database, this.#documentOf, field, within));
  }

  async sequences(): Promise<SequenceSet> {
    return withSqliteFaults(() => this.#reader.every().or(SequenceSet.of()));
  }

  async dates(): Promise<Float64Array> {
    return withSqliteFaults(() => this.#walk.dates());
  }

  async removed(): Promise<readonly number[]> {
    return withSqliteFaults(() => this.#writer.removed());
  }

  async document(sequence: Sequence): Promise<IndexedMessage | undefined> {
    return withSqliteFaults(() => this.#writer.read(sequence));
  }

  async comparison(from: number, to: number): Promise<IndexComparison> {
    return withSqliteFaults(() => new EmbeddedComparison(this.#database, this.#writer, from, to));
  }

  async check(): Promise<readonly string[]> {
    return inspect(this.#database, this.#writer, this.#vocabulary);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #through(): number {
    return Number(this.#position.get()?.['value'] ?? 0);
  }

  #coverage(asOf: number): Coverage {
    return { asOf, complete: asOf < this.#through() };
  }

  #matching({ query, facts }: SelectRequest, asOf: number, patience: Patience): SequenceSet {
    return this.#reader.read(compile(query), { facts, patience }).below(asOf + 1);
  }

  /** One hit more than the page has, to know whether another follows. */
  #page(request: SearchRequest, { set, total, start }: Found, patience: Patience): PageKey[] {
    const limit = request.limit + 1;
    if (request.sort === 'relevance') {
      const scores = this.#relevance.page(request.query, set, { limit, after: start.key }, patience);
      return scores.map(({ score, sequence }) => ({ value: score, sequence }));
    }
    const hits = { set, total, every: this.#reader.every().size, bounds: dateBounds(request.query) };
    return this.#walk.page(hits, limit, start.key).map(({ date, sequence }) => ({ value: date, sequence }));
  }

  #hit({ sequence }: PageKey): Hit {
    const stored = this.#writer.read(sequence);
    if (stored === undefined) throw new Error(`capture ${sequence} matched but is not in the index`);
    return { sequence: asSequence(sequence), digest: stored.digest, display: stored.document.display };
  }
}
