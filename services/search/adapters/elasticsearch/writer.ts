import type { SearchFault } from '../../search-fault.ts';
import type { IndexChange, IndexDocument } from '../../search-index.ts';
import { type ArchiveState, type Generation, generationNamed, withGeneration } from './archive-state.ts';
import { Bulk, type Operation, type Refusal } from './bulk.ts';
import type { Connection } from './connection.ts';
import { unavailable } from './elasticsearch-fault.ts';
import { type Generations, spanOf } from './generations.ts';
import type { IndexNames } from './index-names.ts';
import { bodyOf, stubOf, tombstoneOf, wordlessStubOf } from './mapping.ts';
import type { StateStore } from './state-store.ts';

export interface WriterParts {
  readonly connection: Connection;
  readonly names: IndexNames;
  readonly states: StateStore;
  readonly generations: Generations;
  readonly bulkBytesMax: number;
}

/** Everything that changes what is in the index. */
export class Writer {
  readonly #connection: Connection;
  readonly #names: IndexNames;
  readonly #states: StateStore;
  readonly #generations: Generations;
  readonly #bulk: Bulk;
  /** The generation that the last move of the position was judged by. */
  #judged: string | undefined;

  constructor({ connection, names, states, generations, bulkBytesMax }: WriterParts) {
    this.#connection = connection;
    this.#names = names;
    this.#states = states;
    this.#generations = generations;
    this.#bulk = new Bulk(connection, bulkBytesMax);
  }

  /**
   * Documents first, durable and to be found; then the position.
   * @param state as just read
   * @param pinned the generation to write to; the live one where it is undefined
   */
  async apply(change: IndexChange, state: ArchiveState, pinned: string | undefined): Promise<void> {
    const name = pinned ?? state.live.name;
    const generation = generationNamed(state, name);
    if (generation === undefined) throw superseded();
    if (change.through > generation.position) this.#judge(name);
    await this.#remove(change, state, pinned);
    await this.#add(change, state, name);
    if (isToBeSeen(change, generation)) await this.#refresh(change, name, generation.position, pinned);
    await this.#move(change.through, name, pinned);
  }

  /**
   * A rebuild has taken the place of the generation that this process knew. What it found to be in there need not be in the
   * new one: once, it has to look again before it moves the position.
   */
  #judge(name: string): void {
    const known = this.#judged;
    this.#judged = name;
    if (known !== undefined && known !== name) throw superseded();
  }

  /** From every generation, so that a rebuild does not bring back what goes meanwhile. */
  async #remove({ removed }: IndexChange, before: ArchiveState, pinned: string | undefined): Promise<void> {
    if (removed.length === 0) return;
    const done = new Set<string>();
    for (let state = before; ; state = await this.#states.read()) {
      const next = generationsFor(state, pinned).find((name) => !done.has(name));
      if (next === undefined) return;
      const current = await this.#ensure(state, next, removed);
      const operations = removed.map((sequence): Operation => {
        const index = this.#names.span(next, spanOf(sequence, current));
        return { kind: 'index', index, id: String(sequence), body: tombstoneOf(sequence) };
      });
      await this.#bulk.write(operations);
      done.add(next);
    }
  }

  async #add({ documents, removed }: IndexChange, before: ArchiveState, name: string): Promise<void> {
    const gone = new Set(removed);
    const added = documents.filter(({ sequence }) => !gone.has(sequence));
    const state = await this.#ensure(
      before,
      name,
      added.map(({ sequence }) => sequence),
    );
    const operation = (document: IndexDocument, body: string): Operation => {
      const index = this.#names.span(name, spanOf(document.sequence, state));
      return { kind: 'create', index, id: String(document.sequence), body };
    };
    const refused = await this.#bulk.write(mapped(added, (document) => operation(document, bodyOf(document))));
    if (refused.length === 0) return;
    await this.#states.change((current) => withGeneration(current, name, withStubs));
    const bySequence = new Map(added.map((document) => [String(document.sequence), document]));
    const reduced = (refusals: readonly Refusal[], reduce: (document: IndexDocument, reason: string) => string) =>
      refusals.flatMap(({ operation: { id }, reason }) => {
        const document = bySequence.get(id);
        return document === undefined ? [] : operation(document, reduce(document, reason));
      });
    const refusedAgain = await this.#bulk.write(reduced(refused, stubOf));
    const [impossible] = await this.#bulk.write(reduced(refusedAgain, wordlessStubOf));
    if (impossible !== undefined) throw untakeable(impossible);
  }

  #ensure(state: ArchiveState, name: string, sequences: readonly number[]): Promise<ArchiveState> {
    return this.#generations.ensure(state, name, [...new Set(sequences.map((sequence) => spanOf(sequence, state)))]);
  }

  /** Also what other processes have written, below the position that is to be. */
  async #refresh(
    { documents, removed, through }: IndexChange,
    name: string,
    position: number,
    pinned: string | undefined,
  ): Promise<void> {
    const state = await this.#states.read();
    const spans = new Set([...documents.map(({ sequence }) => sequence), ...removed].map((at) => spanOf(at, state)));
    const [first, last] = [spanOf(position, state), spanOf(Math.max(position, through - 1), state)];
    const generations = [name, ...(removed.length === 0 ? [] : generationsFor(state, pinned))];
    const index = [...new Set(generations)].flatMap((one) => {
      const present = generationNamed(state, one)?.spans ?? [];
      const touched = present.filter((span) => spans.has(span) || (span >= first && span <= last));
      return touched.map((span) => this.#names.span(one, span));
    });
    if (index.length === 0) return;
    const { _shards: shards } = await this.#connection.ask((client) => client.indices.refresh({ index }));
    if ((shards?.failed ?? 0) > 0) {
      throw unavailable(
        'part of the search index could not be refreshed',
        'Check the health of Elasticsearch, then try again.',
      );
    }
  }

  async #move(through: number, name: string, pinned: string | undefined): Promise<void> {
    await this.#states.change((state) => {
      if (generationNamed(state, name) === undefined) throw superseded();
      if (pinned === undefined && state.live.name !== name) throw superseded();
      return withGeneration(state, name, (generation) =>
        through > generation.position ? { ...generation, position: through } : generation,
      );
    });
  }
}

/** Those that a removal must reach. A rebuild leaves the live one to others: it may be damaged, or of another version. */
function generationsFor({ live, building }: ArchiveState, pinned: string | undefined): readonly string[] {
  if (pinned !== undefined) return [pinned];
  return building === null ? [live.name] : [live.name, building.name];
}

function withStubs(generation: Generation): Generation {
  return generation.stubs ? generation : { ...generation, stubs: true };
}

/** Whether what this change brings must be found when it is done. */
function isToBeSeen({ documents, removed, through }: IndexChange, { position }: Generation): boolean {
  return through > position || removed.length > 0 || documents.some(({ sequence }) => sequence < position);
}

function* mapped<From, To>(all: Iterable<From>, map: (one: From) => To): Generator<To> {
  for (const one of all) yield map(one);
}

function untakeable({ operation, reason }: Refusal): SearchFault {
  const remedy = 'Rebuild the search index; if that does not help, report this message.';
  return unavailable(`Elasticsearch takes nothing at capture ${operation.id}: ${reason}`, remedy);
}

function superseded(): SearchFault {
  const remedy = 'Read the position of the index, and apply again from there.';
  return unavailable('the search index was replaced by a rebuilt one meanwhile', remedy);
}
