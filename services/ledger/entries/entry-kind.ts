import { z } from 'zod';
import { asDigest, asSequence } from '#kernel';

/**
 * An entry kind: the schema of what stands in the tree (`fields`) and of what stands in the sidecar (`aside`). Fields hold
 * digests, opaque ids, numbers, times and codes from closed lists; whatever names or quotes belongs to the aside, which
 * can be erased without touching the tree.
 */
export interface EntryKind<Fields extends z.ZodObject, Aside extends z.ZodObject | null> {
  readonly kind: string;
  readonly fields: Fields;
  readonly aside: Aside;
  /** A policy entry can change what may be done with a message: appends judged before it come back as stale. */
  readonly policy: boolean;
}

export function entryKind<const Kind extends string, Fields extends z.ZodRawShape, Aside extends z.ZodRawShape>(
  kind: Kind,
  fields: Fields,
  aside: Aside,
  options: { readonly policy?: boolean } = {},
) {
  return {
    kind,
    fields: z.strictObject({ kind: z.literal(kind), v: z.literal(1), time: z.int(), ...fields }),
    aside: z.strictObject(aside),
    policy: options.policy ?? false,
  };
}

export const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/u)
  .transform((text) => asDigest(text));
export const opaqueId = z.string().regex(/^[0-9a-z-]{1,64}$/u);
export const sequence = z
  .int()
  .nonnegative()
  .transform((value) => asSequence(value));
/** Milliseconds since 1970; what a header claims may lie anywhere. */
export const instant = z.int();
/** Half-open ranges of sequences, ascending and disjoint: `[[from, to], …]`. */
export const sequenceRanges = z.array(z.tuple([sequence, sequence]));
export const actor = opaqueId.describe(
  'who or what caused it: "cli", "api", "collector", "scheduler" or a person\'s id',
);
