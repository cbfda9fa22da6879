import { z } from 'zod';
import { actor, entryKind, sequence } from './entry-kind.ts';

/** A backup is complete and was read back. `size` and `root` are the ledger it holds. */
export const backup = entryKind(
  'backup',
  { actor, size: sequence, root: z.string(), messages: z.int().nonnegative(), bytes: z.int().nonnegative() },
  { to: z.string() },
);
