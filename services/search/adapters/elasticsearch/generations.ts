import type { ArchiveState, Generation } from './archive-state.ts';
import { generationNamed, withGeneration } from './archive-state.ts';
import type { Connection } from './connection.ts';
import type { IndexNames } from './index-names.ts';
import { mappings, settingsOf } from './mapping.ts';
import { createIndex, type StateStore } from './state-store.ts';

/** Creates and removes the indices of generations, and keeps the alias on the live one. */
export class Generations {
  readonly #connection: Connection;
  readonly #names: IndexNames;
  readonly #states: StateStore;
  readonly #replicas: number | undefined;

  constructor(parts: { connection: Connection; names: IndexNames; states: StateStore; replicas: number | undefined }) {
    this.#connection = parts.connection;
    this.#names = parts.names;
    this.#states = parts.states;
    this.#replicas = parts.replicas;
  }

  /** For indices that are not created by `ensure`: none may come to be by being written to. */
  async putTemplate({ shards }: ArchiveState): Promise<void> {
    const settings = settingsOf({ shards, replicas: this.#replicas });
    await this.#connection.ask((client) =>
      client.indices.putIndexTemplate({
        name: this.#names.template,
        index_patterns: [this.#names.templatePattern],
        priority: 500,
        allow_auto_create: false,
        template: { settings, mappings },
      }),
    );
  }

  /** Creates what these spans need; the state names a span only when its index is there. */
  async ensure(state: ArchiveState, name: string, spans: readonly number[]): Promise<ArchiveState> {
    const present = generationNamed(state, name)?.spans ?? [];
    const absent = spans.filter((span) => !present.includes(span));
    if (absent.length === 0) return state;
    for (const span of absent) {
      const aliases = state.live.name === name ? { [this.#names.alias]: {} } : {};
      const settings = settingsOf({ shards: state.shards, replicas: this.#replicas });
      await createIndex(this.#connection, { index: this.#names.span(name, span), settings, mappings, aliases });
    }
    return this.#states.change((current) =>
      withGeneration(current, name, (generation) => {
        const added = absent.filter((span) => !generation.spans.includes(span));
        if (added.length === 0) return generation;
        return { ...generation, spans: [...generation.spans, ...added].sort((a, b) => a - b) };
      }),
    );
  }

  /** Moves the alias to the live generation in one step, and removes what no generation of the state owns. */
  async tidy(): Promise<void> {
    // Listed first: what came to be before this has its generation in the state that is read after it, or is superseded.
    const listed = await this.#connection.ask((client) =>
      client.indices.getAlias({ index: this.#names.everyGeneration, allow_no_indices: true }),
    );
    const { live, building } = await this.#states.read();
    const owned = (index: string): string | undefined => this.#names.generationOf(index);
    const indices = Object.keys(listed).filter((index) => owned(index) !== undefined);
    const superseded = indices.filter((index) => owned(index) !== live.name && owned(index) !== building?.name);
    const { alias } = this.#names;
    const wrong = (index: string): boolean =>
      (owned(index) === live.name) !== (listed[index]?.aliases[alias] !== undefined);
    const actions = indices.filter(wrong).map((index) => {
      return owned(index) === live.name ? { add: { index, alias } } : { remove: { index, alias, must_exist: false } };
    });
    if (actions.length > 0) await this.#connection.ask((client) => client.indices.updateAliases({ actions }));
    for (const index of superseded) {
      await this.#connection.ask((client) => client.indices.delete({ index, ignore_unavailable: true }));
    }
  }
}

/** Where each sequence lies: known from the sequence alone, so that no message can be in two indices. */
export function spanOf(sequence: number, { sequencesPerIndex }: ArchiveState): number {
  return Math.floor(sequence / sequencesPerIndex);
}

export function indicesOf(names: IndexNames, generation: Generation): readonly string[] {
  return generation.spans.map((span) => names.span(generation.name, span));
}
