import { z } from 'zod';
import { entryKind, opaqueId } from './entry-kind.ts';

/** A listed message vanished from its source before it could be captured. */
export const gone = entryKind(
  'gone',
  { source: opaqueId, mailboxEpoch: z.string(), uid: z.int().positive() },
  { mailbox: z.string() },
);

/** A listed message could not be fetched. It stays in the sum and is tried again. */
export const quarantined = entryKind(
  'quarantined',
  {
    source: opaqueId,
    mailboxEpoch: z.string(),
    uid: z.int().positive(),
    attempts: z.int().positive(),
    code: z.enum(['not-returned', 'empty', 'nil-body', 'too-large', 'refused']),
  },
  { mailbox: z.string(), reason: z.string() },
);
