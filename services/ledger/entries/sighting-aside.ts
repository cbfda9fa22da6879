import { z } from 'zod';

/** Where a message was seen, in the words of its source. Erased with the message. */
export const sightingAside = {
  custodian: z.string(),
  mailbox: z.string(),
  /** Path of a file below the import's root, with `/`. */
  path: z.string().optional(),
  /** Byte position of the message within an mbox file. */
  offset: z.int().nonnegative().optional(),
  /** How an mbox file was read: `mboxrd` or `mboxo`. */
  format: z.enum(['eml', 'maildir', 'mboxrd', 'mboxo', 'imap']),
  /** The mbox `From ` line, without its line end, as latin1. */
  fromLine: z.string().optional(),
  /** RFC 3501 §2.3.1.1, as the server wrote it. */
  uidValidity: z.string().optional(),
  uid: z.int().positive().optional(),
  /** IMAP INTERNALDATE, milliseconds since 1970. */
  internalDate: z.int().optional(),
  /** IMAP flags, or the info letters of a Maildir name. */
  flags: z.array(z.string()).readonly().optional(),
};
