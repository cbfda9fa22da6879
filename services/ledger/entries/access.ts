import { z } from 'zod';
import { actor, digest, entryKind, opaqueId, sequence } from './entry-kind.ts';

/**
 * A person searched. `set`, `analyzer`, `ast` and `hits` are what repeating it compares; entries from before 2026-11-30 have
 * none of them, nor have further pages, and `set` and `hits` may be absent where there were too many to list.
 */
export const search = entryKind(
  'search',
  {
    actor,
    asOf: sequence,
    total: z.int().nonnegative(),
    shown: z.int().nonnegative(),
    excerpts: z.literal(true).optional().describe('parts of the texts of those shown were shown as well'),
    set: digest
      .optional()
      .describe('sha256 of the sequences of all that was found, ascending, each in decimal with LF'),
    analyzer: z.int().positive().optional().describe('version of the analyzer that the index was made with'),
  },
  {
    query: z.string(),
    ast: digest.optional().describe('sha256 of the query as it was understood, printed in its canonical form'),
    hits: z.array(sequence).optional().describe('captures that were found, ascending'),
  },
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
