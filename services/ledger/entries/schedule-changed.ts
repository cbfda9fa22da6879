import { z } from 'zod';
import { actor, entryKind } from './entry-kind.ts';

/** The default retention schedule: how long a message is kept from its capture. `null`: no duty to keep. */
export const scheduleChanged = entryKind(
  'schedule-changed',
  {
    actor,
    schedule: z.literal('default'),
    period: z
      .string()
      .regex(/^P\d+[DMY]$/u)
      .nullable(),
  },
  { reason: z.string().optional() },
  { policy: true },
);
