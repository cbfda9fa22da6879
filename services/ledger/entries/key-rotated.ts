import { z } from 'zod';
import { actor, entryKind } from './entry-kind.ts';

/** A new signing key. The batch that carries it is still signed by the old key; the next one by the new. */
export const keyRotated = entryKind('key-rotated', { actor, publicKey: z.string() }, { reason: z.string().optional() });
