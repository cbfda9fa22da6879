import { z } from 'zod';
import { actor, digest, entryKind, opaqueId, sequence } from './entry-kind.ts';

/** The order to destroy one message, after holds, schedules and sightings up to `judgedThrough` were judged. */
export const disposing = entryKind(
  'disposing',
  { actor, order: opaqueId, digest, generation: z.int().positive(), capture: sequence, judgedThrough: z.int().min(-1) },
  { reason: z.string() },
  { policy: true },
);

/** The certificate: bytes, text, index entry and sidecar lines are gone. */
export const disposed = entryKind(
  'disposed',
  {
    order: opaqueId,
    digest,
    generation: z.int().positive(),
    capture: sequence,
    size: z.int().nonnegative(),
    /** How many stored versions were destroyed, and how: from the store's declared capability. */
    versions: z.int().nonnegative(),
    destruction: z.enum(['overwritten', 'deleted', 'released']),
    /** Entries whose sidecar lines were erased. */
    erased: z.array(sequence),
  },
  {},
);
