import { z } from 'zod';
import { actor, entryKind, instant, opaqueId } from './entry-kind.ts';

/**
 * Canary objects were attacked to see whether storage keeps its locks. `sound`: no attack on a lock did any harm;
 * `unsound`: at least one did; `undecided`: none did, and some could not be tried.
 */
export const storageExamined = entryKind(
  'storage-examined',
  {
    actor,
    /** When the last probe ended, by the clock of who examined. */
    examinedAt: instant,
    /** Name and version of the program: `muniment/1.2.3`. */
    program: z.string().regex(/^[a-z]{1,32}\/[0-9A-Za-z.+-]{1,32}$/u),
    /** Whose storage: Amazon's, or another that speaks its protocol. */
    service: z.enum(['amazon-s3', 's3-compatible']),
    /** Which lock storage was asked to keep. */
    lock: z.enum(['object-lock-governance', 'object-lock-compliance']),
    verdict: z.enum(['sound', 'unsound', 'undecided']),
    /** Those that a lock depends on, in the order in which they were tried. */
    probes: z
      .array(
        z.strictObject({
          probe: opaqueId,
          outcome: z.enum(['passed', 'noted', 'failed', 'undecided', 'not-applicable']),
        }),
      )
      .max(200),
  },
  /** What each probe saw, in the order of `probes`; it quotes the server. */
  { answers: z.array(z.string()).max(200) },
);
