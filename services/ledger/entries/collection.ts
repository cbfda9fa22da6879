import { z } from 'zod';
import { entryKind, instant, opaqueId } from './entry-kind.ts';

/** One run of one source ended: found = captured + alreadyArchived + failed. Only written when the run changed anything. */
export const collection = entryKind(
  'collection',
  {
    source: opaqueId,
    collection: opaqueId,
    startedAt: instant,
    found: z.int().nonnegative(),
    captured: z.int().nonnegative(),
    alreadyArchived: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    ignored: z.int().nonnegative(),
  },
  { root: z.string().optional(), failures: z.array(z.string()) },
);
