import type { Sequence } from '#kernel';
import type { estypes } from '@elastic/elasticsearch';
import { SearchFault } from '../../search-fault.ts';
import type { IndexedMessage } from '../../search-index.ts';
import type { ArchiveState, Generation } from './archive-state.ts';
import type { Connection } from './connection.ts';
import { spanOf } from './generations.ts';
import type { IndexNames } from './index-names.ts';
import { hitFields, messageIn, shownIn, type ShownMessage } from './source.ts';

/** Documents are read this many at a time: one may have megabytes. */
const READ_TOGETHER = 50;
const SHOW_TOGETHER = 500;
const ASK_TOGETHER = 2000;

/** Which of a source to read: all, none, or these. */
type Fields = boolean | readonly string[];

interface Reading<T> {
  readonly fields: Fields;
  readonly together: number;
  /** Undefined for what does not count. */
  readonly take: (source: unknown) => T | undefined;
}

/** Reads single documents by their sequence, as they are at this moment, whether they can be searched yet or not. */
export class DocumentReader {
  readonly #connection: Connection;
  readonly #names: IndexNames;

  constructor(connection: Connection, names: IndexNames) {
    this.#connection = connection;
    this.#names = names;
  }

  /** @throws SearchFault `index-damaged` */
  async read(state: ArchiveState, generation: Generation, sequence: Sequence): Promise<IndexedMessage | undefined> {
    return (await this.readAll(state, generation, [sequence])).get(sequence);
  }

  /** Those of them that are in. @throws SearchFault `index-damaged` */
  readAll(
    state: ArchiveState,
    generation: Generation,
    sequences: readonly Sequence[],
  ): Promise<ReadonlyMap<Sequence, IndexedMessage>> {
    return this.#each(state, generation, sequences, { fields: true, together: READ_TOGETHER, take: messageIn });
  }

  /** What a list shows of them. @throws SearchFault `index-damaged` */
  shown(
    state: ArchiveState,
    generation: Generation,
    sequences: readonly Sequence[],
  ): Promise<ReadonlyMap<Sequence, ShownMessage>> {
    return this.#each(state, generation, sequences, { fields: hitFields, together: SHOW_TOGETHER, take: shownIn });
  }

  /** Those of which there is neither a message nor the mark of a removed one. */
  async lacking(
    state: ArchiveState,
    generation: Generation,
    sequences: readonly Sequence[],
  ): Promise<readonly Sequence[]> {
    const known = { fields: false, together: ASK_TOGETHER, take: () => true } as const;
    const present = await this.#each(state, generation, sequences, known);
    return sequences.filter((sequence) => !present.has(sequence));
  }

  async #each<T>(
    state: ArchiveState,
    generation: Generation,
    sequences: readonly Sequence[],
    { fields, together, take }: Reading<T>,
  ): Promise<ReadonlyMap<Sequence, T>> {
    const taken = new Map<Sequence, T>();
    for (let from = 0; from < sequences.length; from += together) {
      const some = sequences.slice(from, from + together);
      for (const [sequence, source] of await this.#get(state, generation, some, fields)) {
        const one = take(source);
        if (one !== undefined) taken.set(sequence, one);
      }
    }
    return taken;
  }

  /** The sources of those that have a document. */
  async #get(
    state: ArchiveState,
    generation: Generation,
    sequences: readonly Sequence[],
    fields: Fields,
  ): Promise<readonly (readonly [Sequence, unknown])[]> {
    const asked = sequences.filter((sequence) => generation.spans.includes(spanOf(sequence, state)));
    if (asked.length === 0) return [];
    const docs = asked.map((sequence): estypes.MgetOperation => {
      const _index = this.#names.span(generation.name, spanOf(sequence, state));
      return { _index, _id: String(sequence), _source: typeof fields === 'boolean' ? fields : [...fields] };
    });
    const answer = await this.#connection.ask((client) => client.mget({ docs }));
    return asked.flatMap((sequence, place) => {
      const item = answer.docs[place];
      if (item === undefined || 'error' in item) throw unreadable(sequence, item);
      return item.found ? [[sequence, item._source]] : [];
    });
  }
}

function unreadable(sequence: Sequence, item: estypes.MgetMultiGetError | undefined): SearchFault {
  const because = item === undefined ? '' : `: ${item.error.type} (${item.error.reason ?? ''})`;
  return new SearchFault('index-damaged', `capture ${sequence} cannot be read from the search index${because}`, {
    remedy: 'Check the health of Elasticsearch; if it is well, rebuild the search index.',
  });
}
