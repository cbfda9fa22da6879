import { asSequence, type Sequence } from '#kernel';
import { encodeCursor, pageStart } from '../cursor.ts';
import { DocumentComparison } from '../document-comparison.ts';
import { type MarkCounts, MarkTally } from '../mark-tally.ts';
import { firstOfGroups } from '../mark-groups.ts';
import type { GroupingMark, MarkField } from '../marks.ts';
import { endless, patienceOf, type QueryLimits } from '../patience.ts';
import { SearchFault } from '../search-fault.ts';
import type {
  CountAnswer,
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
import { type ArchiveState, emptyGeneration, type Generation, generationNamed } from './elasticsearch/archive-state.ts';
import { Connection, type ConnectionOptions } from './elasticsearch/connection.ts';
import { DocumentReader } from './elasticsearch/document-reader.ts';
import { unavailable } from './elasticsearch/elasticsearch-fault.ts';
import { expunge } from './elasticsearch/expunging.ts';
import { Generations } from './elasticsearch/generations.ts';
import { IndexNames, indexVersion } from './elasticsearch/index-names.ts';
import { inspect } from './elasticsearch/inspection.ts';
import { type FoundKey, Pager } from './elasticsearch/pager.ts';
import { type Matched, QueryRun } from './elasticsearch/query-run.ts';
import { StateStore } from './elasticsearch/state-store.ts';
import { Writer } from './elasticsearch/writer.ts';

export interface ElasticsearchIndexOptions extends ConnectionOptions {
  /** Of the archive: what all of its indices begin with. Lower-case letters and digits, with `-` or `_` between them. */
  readonly name: string;
  /** Another index begins after so many sequences; fixed when the archive's first index is created. Default 5,000,000. */
  readonly sequencesPerIndex?: number | undefined;
  /** Primary shards of each index; fixed likewise. Default 1. */
  readonly shards?: number | undefined;
  /** By default one copy as soon as there is a second node. */
  readonly replicas?: number | undefined;
  /** Of documents in one request; a larger one goes alone. Default 8 MB. */
  readonly bulkBytesMax?: number | undefined;
  /** A fact that is true of more messages is combined here instead of being sent. Default 250,000. */
  readonly inlineSequencesMax?: number | undefined;
}

interface Parts {
  readonly connection: Connection;
  readonly names: IndexNames;
  readonly states: StateStore;
  readonly generations: Generations;
  readonly options: ElasticsearchIndexOptions;
}

const SEQUENCES_PER_INDEX = 5_000_000;
const INLINE_SEQUENCES_MAX = 250_000;
const BULK_BYTES_MAX = 8 * 1024 * 1024;
/** One page of a scan. */
const LISTED_MAX = 10_000;

/** SearchIndex on Elasticsearch 9, for many processes at once. services/search/README.md has indices, mapping and state. */
export class ElasticsearchIndex implements SearchIndex {
  readonly capabilities: SearchIndexCapabilities = {
    erasure: 'expunge',
    comparison: 'documents',
    listedMax: LISTED_MAX,
  };
  readonly #parts: Parts;
  readonly #writer: Writer;
  readonly #documents: DocumentReader;
  readonly #inlineSequencesMax: number;
  /** The generation that this one builds; undefined: it works on whichever is live. */
  #built: string | undefined;

  private constructor(parts: Parts, built: string | undefined) {
    this.#parts = parts;
    this.#built = built;
    this.#writer = new Writer({ ...parts, bulkBytesMax: parts.options.bulkBytesMax ?? BULK_BYTES_MAX });
    this.#documents = new DocumentReader(parts.connection, parts.names);
    this.#inlineSequencesMax = parts.options.inlineSequencesMax ?? INLINE_SEQUENCES_MAX;
  }

  /**
   * The archive's index, or the beginning of one.
   * @throws SearchFault `index-unavailable`, `index-outdated`, `index-damaged`
   */
  static async open(options: ElasticsearchIndexOptions): Promise<ElasticsearchIndex> {
    return withParts(options, async (parts, state) => {
      if (!state.live.name.startsWith(`${indexVersion}-`)) throw outdated(state.live.name);
      await parts.generations.putTemplate(state);
      await parts.generations.tidy();
      return new ElasticsearchIndex(parts, undefined);
    });
  }

  /**
   * An empty index of the current version, to be filled from the archive while the live one is searched; `adopt` puts it in
   * the place of that. Whoever begins again takes over from one that did not finish.
   * @throws SearchFault `index-unavailable`, `index-damaged`
   */
  static async beginRebuild(options: ElasticsearchIndexOptions): Promise<ElasticsearchIndex> {
    return withParts(options, async (parts) => {
      const state = await parts.states.change((old) => {
        return { ...old, building: emptyGeneration(parts.names.generation(nextNumber(old))) };
      });
      await parts.generations.putTemplate(state);
      await parts.generations.tidy();
      return new ElasticsearchIndex(parts, state.building?.name);
    });
  }

  /**
   * Makes the rebuilt index the live one, in one step for all processes, and removes the old one.
   * @returns false, having done nothing, while its position is below that of the live index: follow the ledger, and ask again
   * @throws SearchFault `index-unavailable` also when another rebuild has taken over
   */
  async adopt(): Promise<boolean> {
    const name = this.#built;
    if (name === undefined) return true;
    const { states, generations } = this.#parts;
    const state = await states.change((old) => {
      if (old.building?.name !== name || old.building.position < old.live.position) return undefined;
      return { ...old, live: old.building, building: null };
    });
    if (state.live.name !== name) {
      if (state.building?.name === name) return false;
      throw unavailable('another rebuild has taken over', 'Wait for it, or begin again.');
    }
    this.#built = undefined;
    await generations.tidy();
    return true;
  }

  async apply(change: IndexChange): Promise<void> {
    await this.#steadily((state) => this.#writer.apply(change, state, this.#built));
  }

  async lacking(sequences: readonly Sequence[]): Promise<readonly Sequence[]> {
    return this.#reading((state, generation) => this.#documents.lacking(state, generation, sequences));
  }

  async expunge(): Promise<void> {
    const { connection, names } = this.#parts;
    await this.#reading((state) =>
      expunge(connection, names, [state.live, ...(state.building ? [state.building] : [])]),
    );
  }

  async position(): Promise<number> {
    return this.#reading(async (_, { position }) => position);
  }

  async search(request: SearchRequest, limits?: QueryLimits): Promise<SearchAnswer> {
    const patience = patienceOf(limits);
    return this.#reading(async (state, generation) => {
      const start = pageStart(request, generation.position - 1);
      const run = this.#run(state, generation, start.asOf, patience);
      if (run.isEmpty) return { ...nothing, hits: [], asOf: start.asOf, complete: run.isComplete };
      const matched = await run.match(request);
      const { total, keys } = await new Pager(run, this.#inlineSequencesMax).page(request, matched, start.key);
      const hits = await this.#hits(state, generation, keys.slice(0, request.limit));
      const listed = start.key === undefined ? await this.#listed(run, matched, total) : {};
      const answer = { total, hits, asOf: start.asOf, complete: run.isComplete, ...listed };
      const last = keys[request.limit - 1];
      return keys.length > request.limit && last !== undefined
        ? { ...answer, next: encodeCursor(request, start.asOf, last) }
        : answer;
    });
  }

  async count(request: SelectRequest, limits?: QueryLimits): Promise<CountAnswer> {
    const patience = patienceOf(limits);
    return this.#reading(async (state, generation) => {
      const run = this.#run(state, generation, request.asOf ?? generation.position - 1, patience);
      if (run.isEmpty) return { ...nothing, asOf: run.asOf, complete: run.isComplete };
      const matched = await run.match(request);
      const total = await run.count(matched);
      const listed = await this.#listed(run, matched, total);
      return { total, asOf: run.asOf, complete: run.isComplete, ...listed };
    });
  }

  async select(request: SelectRequest, limits?: QueryLimits): Promise<Selection> {
    const patience = patienceOf(limits);
    return this.#reading(async (state, generation) => {
      const run = this.#run(state, generation, request.asOf ?? generation.position - 1, patience);
      const sequences = run.isEmpty ? SequenceSet.of() : await run.set(await run.match(request));
      return { sequences, asOf: run.asOf, complete: run.isComplete };
    });
  }

  async markCounts(field: MarkField, within: SequenceSet): Promise<MarkCounts> {
    return this.#reading(async (state, generation) => {
      const run = this.#run(state, generation, generation.position - 1);
      return run.isEmpty ? new MarkTally(field).counts() : run.markCounts(field, within);
    });
  }

  async firstOfSame(field: GroupingMark, within: SequenceSet): Promise<Uint32Array> {
    return this.#reading(async (state, generation) => {
      const run = this.#run(state, generation, generation.position - 1);
      return firstOfGroups(within, run.isEmpty ? [] : await run.groups(field, within));
    });
  }

  async sequences(): Promise<SequenceSet> {
    return this.#reading(async (state, generation) => {
      return (await this.#refreshed(state, generation))?.every() ?? SequenceSet.of();
    });
  }

  async dates(): Promise<Float64Array> {
    return this.#reading(async (state, generation) => {
      return (await this.#refreshed(state, generation))?.dates() ?? new Float64Array();
    });
  }

  async removed(): Promise<readonly number[]> {
    return this.#reading(async (state, generation) => (await this.#refreshed(state, generation))?.removed() ?? []);
  }

  async document(sequence: Sequence): Promise<IndexedMessage | undefined> {
    return this.#reading((state, generation) => this.#documents.read(state, generation, sequence));
  }

  async comparison(): Promise<IndexComparison> {
    return new DocumentComparison((sequences) =>
      this.#reading((state, generation) => this.#documents.readAll(state, generation, sequences)),
    );
  }

  async check(): Promise<readonly string[]> {
    const { connection, names } = this.#parts;
    return this.#reading((state, generation) => inspect(connection, names, state, generation));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.connection[Symbol.asyncDispose]();
  }

  /** What matched, if it was still as many when it was listed: a message may be removed in between. */
  async #listed(run: QueryRun, matched: Matched, total: number): Promise<{ readonly sequences?: SequenceSet }> {
    if (total > LISTED_MAX) return {};
    const sequences = await run.set(matched);
    return sequences.size === total ? { sequences } : {};
  }

  #run(state: ArchiveState, generation: Generation, asOf: number, patience = endless): QueryRun {
    const { connection, names } = this.#parts;
    const parts = { connection, names, documents: this.#documents, inlineSequencesMax: this.#inlineSequencesMax };
    return new QueryRun(parts, state, generation, asOf, patience);
  }

  /** To ask for all that is there, also what no change was to make visible yet; undefined where no index exists. */
  async #refreshed(state: ArchiveState, generation: Generation): Promise<QueryRun | undefined> {
    const run = this.#run(state, generation, Number.MAX_SAFE_INTEGER);
    if (run.isEmpty) return undefined;
    await this.#parts.connection.ask((client) => client.indices.refresh({ index: run.index }));
    return run;
  }

  /** Without those that were removed since they were found. */
  async #hits(state: ArchiveState, generation: Generation, keys: readonly FoundKey[]): Promise<readonly Hit[]> {
    const bare = keys.filter(({ shown }) => shown === undefined).map(({ sequence }) => asSequence(sequence));
    const read = await this.#documents.shown(state, generation, bare);
    return keys.flatMap((key) => {
      const sequence = asSequence(key.sequence);
      const shown = key.shown ?? read.get(sequence);
      return shown === undefined ? [] : [{ sequence, ...shown }];
    });
  }

  #reading<T>(read: (state: ArchiveState, generation: Generation) => Promise<T>): Promise<T> {
    return this.#steadily((state) => {
      const generation = this.#built === undefined ? state.live : generationNamed(state, this.#built);
      if (generation === undefined) throw unavailable('another rebuild has taken over', 'Begin the rebuild again.');
      return read(state, generation);
    });
  }

  /** An index may go while it is used, because a rebuilt one takes its place: then the same is done with that. */
  async #steadily<T>(work: (state: ArchiveState) => Promise<T>): Promise<T> {
    const before = await this.#parts.states.read();
    try {
      return await work(before);
    } catch (thrown) {
      if (!(thrown instanceof SearchFault) || thrown.code !== 'index-damaged') throw thrown;
      const now = await this.#parts.states.read();
      if (now.live.name === before.live.name) throw thrown;
      return work(now);
    }
  }
}

const nothing = { total: 0, sequences: SequenceSet.of() };

/** What `open` makes lives on; when it throws, the connection is closed. */
async function withParts(
  options: ElasticsearchIndexOptions,
  open: (parts: Parts, state: ArchiveState) => Promise<ElasticsearchIndex>,
): Promise<ElasticsearchIndex> {
  const names = new IndexNames(options.name);
  const connection = new Connection(options);
  try {
    const states = new StateStore(connection, names.state);
    const generations = new Generations({ connection, names, states, replicas: options.replicas });
    const state = await states.begin(() => ({
      format: 1,
      sequencesPerIndex: options.sequencesPerIndex ?? SEQUENCES_PER_INDEX,
      shards: options.shards ?? 1,
      live: emptyGeneration(names.generation(1)),
      building: null,
    }));
    return await open({ connection, names, states, generations, options }, state);
  } catch (thrown) {
    await connection[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Higher than any in use, so that no name is used for two generations. */
function nextNumber({ live, building }: ArchiveState): number {
  const numbers = [live, building].map((generation) => Number(/\d+$/u.exec(generation?.name ?? '')?.[0] ?? 0));
  return Math.max(...numbers) + 1;
}

function outdated(generation: string): SearchFault {
  const message = `the search index is of version ${generation}, and this program needs ${indexVersion}`;
  return new SearchFault('index-outdated', message, { remedy: 'Rebuild the search index from the archive.' });
}
