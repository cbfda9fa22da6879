import { z } from 'zod';
import { actor, entryKind, opaqueId, sequence, sequenceRanges } from './entry-kind.ts';

/** From this entry on nothing that matches the query may be disposed of, whether it is archived or arrives later. */
export const holdPlaced = entryKind(
  'hold-placed',
  { actor, hold: opaqueId, matter: opaqueId },
  { query: z.string(), reason: z.string() },
  { policy: true },
);

/** These messages, by the sequences of their captures, match the hold. It sticks until release. */
export const holdApplied = entryKind('hold-applied', { hold: opaqueId, captures: sequenceRanges, count: z.int() }, {});

/** Everything captured before `through` has been judged for this hold, and storage carries its flag. */
export const holdSwept = entryKind('hold-swept', { hold: opaqueId, through: sequence, count: z.int() }, {});

export const holdReleased = entryKind(
  'hold-released',
  { actor, hold: opaqueId },
  { reason: z.string() },
  { policy: true },
);
