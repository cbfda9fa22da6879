import type { estypes } from '@elastic/elasticsearch';
import { type ArchiveState, parseState } from './archive-state.ts';
import type { Connection } from './connection.ts';
import { asSearchFault, lost, statusOf, unavailable } from './elasticsearch-fault.ts';
import { pauseBefore } from './retrying.ts';

const ID = 'archive';
const CONFLICT = 409;
/** Every loss means that another process has won: progress is certain, and this bound is for the impossible. */
const CHANGES_MAX = 200;

interface Versioned {
  readonly state: ArchiveState;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** Reads and changes the archive's record. Changes are compare-and-swap: no two processes overwrite each other. */
export class StateStore {
  readonly #connection: Connection;
  readonly #index: string;

  constructor(connection: Connection, index: string) {
    this.#connection = connection;
    this.#index = index;
  }

  /** The record; the first to ask writes it. */
  async begin(first: () => ArchiveState): Promise<ArchiveState> {
    await this.#createIndex();
    try {
      await this.#connection.tell((client) =>
        client.create({ index: this.#index, id: ID, document: first(), wait_for_active_shards: 1 }),
      );
    } catch (thrown) {
      if (statusOf(thrown) !== CONFLICT) throw asSearchFault(thrown);
    }
    return this.read();
  }

  /** @throws SearchFault `index-damaged` where there is none, `index-unavailable` */
  async read(): Promise<ArchiveState> {
    return (await this.#read()).state;
  }

  /**
   * Writes what `change` makes of the record, again and again until no other process was in between; nothing where it gives
   * undefined. A repeated request that had taken effect already is a conflict, and `change` finds nothing to do.
   */
  async change(change: (state: ArchiveState) => ArchiveState | undefined): Promise<ArchiveState> {
    for (let attempt = 1; attempt <= CHANGES_MAX; attempt++) {
      const { state, seqNo, primaryTerm } = await this.#read();
      const changed = change(state);
      if (changed === undefined) return state;
      try {
        await this.#connection.tell((client) =>
          client.index({
            index: this.#index,
            id: ID,
            document: changed,
            if_seq_no: seqNo,
            if_primary_term: primaryTerm,
          }),
        );
        return changed;
      } catch (thrown) {
        if (statusOf(thrown) !== CONFLICT) throw asSearchFault(thrown);
        await pauseBefore(Math.min(attempt, 3));
      }
    }
    throw unavailable(
      'the state of the search index changes without end',
      'Stop some of the processes, and try again.',
    );
  }

  async #read(): Promise<Versioned> {
    const answer = await this.#connection.ask((client) => client.get({ index: this.#index, id: ID }));
    const state = parseState(answer._source);
    if (state === undefined) throw lost(`${this.#index} has no state that this version can read`);
    return { state, seqNo: answer._seq_no ?? 0, primaryTerm: answer._primary_term ?? 0 };
  }

  async #createIndex(): Promise<void> {
    const settings: estypes.IndicesIndexSettings = { number_of_shards: 1, auto_expand_replicas: '0-1' };
    // Never searched: it is read and written by its id only.
    const mappings: estypes.MappingTypeMapping = { dynamic: false };
    await createIndex(this.#connection, { index: this.#index, settings, mappings });
  }
}

/** Another process may have been first: that is as good. */
export async function createIndex(connection: Connection, request: estypes.IndicesCreateRequest): Promise<void> {
  try {
    await connection.tell((client) => client.indices.create({ wait_for_active_shards: 1, ...request }));
  } catch (thrown) {
    const exists = statusOf(thrown) === 400 && String(thrown).includes('resource_already_exists_exception');
    if (!exists) throw asSearchFault(thrown);
  }
}
