import { z } from 'zod';
import { actor, entryKind, opaqueId, sequence } from './entry-kind.ts';

/** A person searched. */
export const search = entryKind(
  'search',
  { actor, asOf: sequence, total: z.int().nonnegative(), shown: z.int().nonnegative() },
  { query: z.string() },
);

/** A person read content: recorded before the first byte leaves. */
export const read = entryKind(
  'read',
  { actor, what: z.enum(['raw', 'headers', 'text', 'message']), captures: z.array(sequence) },
  {},
);

/** A person exports content: recorded before the first byte leaves. Covers every message that `query` finds as of `asOf`. */
export const exported = entryKind(
  'export',
  { actor, export: opaqueId, asOf: sequence, format: z.enum(['eml', 'mbox']), count: z.int().nonnegative() },
  { query: z.string(), matter: z.string().optional(), out: z.string() },
);
