import { z } from 'zod';

/** One set of indices that together hold a whole archive. */
const generationSchema = z.object({
  /** As in the names of its indices: `v1002-g1`. */
  name: z.string(),
  /** Everything of the ledger below this is in, and can be found. */
  position: z.int().nonnegative(),
  /** The spans that have an index: one that is missing in Elasticsearch is lost. */
  spans: z.array(z.int().nonnegative()),
  /** Whether some message may be a stub, so that queries must look at them. */
  stubs: z.boolean(),
});

const stateSchema = z.object({
  format: z.literal(1),
  /** Fixed when the archive's index begins: where a sequence lies must never change. */
  sequencesPerIndex: z.int().positive(),
  shards: z.int().positive(),
  live: generationSchema,
  /** A rebuild under way. */
  building: generationSchema.nullable(),
});

export type Generation = Readonly<z.infer<typeof generationSchema>>;

/** The one record that says which indices count. One document, so that each step is one compare-and-swap. */
export type ArchiveState = Readonly<z.infer<typeof stateSchema>>;

export function parseState(source: unknown): ArchiveState | undefined {
  return stateSchema.safeParse(source).data;
}

export function emptyGeneration(name: string): Generation {
  return { name, position: 0, spans: [], stubs: false };
}

/** The generation of this name; undefined when it is no more. */
export function generationNamed(state: ArchiveState, name: string): Generation | undefined {
  return [state.live, state.building].find((generation) => generation?.name === name) ?? undefined;
}

/** The same state with that generation changed; undefined when it is no more, or nothing changes. */
export function withGeneration(
  state: ArchiveState,
  name: string,
  change: (generation: Generation) => Generation,
): ArchiveState | undefined {
  const old = generationNamed(state, name);
  if (old === undefined) return undefined;
  const changed = change(old);
  if (changed === old) return undefined;
  return state.live === old ? { ...state, live: changed } : { ...state, building: changed };
}
