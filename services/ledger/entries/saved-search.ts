import { z } from 'zod';
import { actor, entryKind, opaqueId } from './entry-kind.ts';

/** A matter keeps a query under a name. With the id of one that it keeps already, this query takes the place of that one. */
export const searchSaved = entryKind(
  'search-saved',
  { actor, matter: opaqueId, saved: opaqueId },
  { name: z.string(), query: z.string() },
);

/** The matter keeps it no longer. What it asked stays in the ledger. */
export const searchDiscarded = entryKind('search-discarded', { actor, matter: opaqueId, saved: opaqueId }, {});
