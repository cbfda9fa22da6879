import { z } from 'zod';
import { actor, entryKind, sequence } from './entry-kind.ts';

/** The first entry of a ledger, and the first after a restore: a new checkpoint origin and the key that signs from here on. */
export const epoch = entryKind(
  'epoch',
  {
    actor,
    /** 0 for a new ledger; each adopted restore adds one. */
    number: z.int().nonnegative(),
    origin: z.string(),
    /** Ed25519 public key, 32 bytes, base64. */
    publicKey: z.string(),
    /** The checkpoint that a restore continues from; what came after it in the lost epoch is the gap. */
    restored: z.strictObject({ size: sequence, root: z.string() }).optional(),
  },
  {
    /** 32 random bytes, base64: sighting keys are keyed hashes under it. Only in epoch 0. */
    sightingSalt: z.string().optional(),
    reason: z.string().optional(),
    decidedBy: z.string().optional(),
  },
  { policy: true },
);
