import { z } from 'zod';
import { actor, entryKind, opaqueId } from './entry-kind.ts';

/** A source was added, changed or removed. Its password is sealed elsewhere and never stands here. */
export const sourceChanged = entryKind(
  'source-changed',
  { actor, source: opaqueId, type: z.enum(['imap', 'import']), action: z.enum(['added', 'changed', 'removed']) },
  {
    name: z.string(),
    custodian: z.string(),
    root: z.string().optional(),
    host: z.string().optional(),
    port: z.int().optional(),
    user: z.string().optional(),
    tls: z.enum(['implicit', 'starttls', 'none']).optional(),
    /** Mailboxes to collect; all when absent. */
    mailboxes: z.array(z.string()).optional(),
  },
);
