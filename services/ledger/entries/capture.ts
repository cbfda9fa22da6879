import { z } from 'zod';
import { digest, entryKind, instant, opaqueId } from './entry-kind.ts';
import { sightingAside } from './sighting-aside.ts';

/** What a capture and a later sighting have in common. */
export const sightingFields = {
  digest,
  /** 1; a re-capture of bytes that were disposed of starts the next. */
  generation: z.int().positive(),
  source: opaqueId,
  /** Keyed hash of source, place and digest: the same sighting has the same key, whoever records it, however often. */
  sighting: z.string().regex(/^[0-9a-f]{32}$/u),
  /** Keyed hash of (source, mailbox, UIDVALIDITY), and the UID: what completeness counts. Only from IMAP. */
  mailboxEpoch: z
    .string()
    .regex(/^[0-9a-f]{32}$/u)
    .optional(),
  uid: z.int().positive().optional(),
  /** When the source showed it to us. */
  seenAt: instant,
  /** The last policy entry that was considered when holds and retention below were judged. -1: none. */
  policy: z.int().min(-1),
  /** Active legal holds that match this sighting. */
  holds: z.array(opaqueId),
  /** Until when this sighting must be kept, by schedule. */
  retainUntil: instant.optional(),
};

/** A message is durably archived; its first sighting is part of it. */
export const capture = entryKind(
  'capture',
  {
    ...sightingFields,
    size: z.int().nonnegative(),
    /** Why parts of it may not be searchable, from the closed list in `message/`. */
    flags: z.array(opaqueId),
  },
  sightingAside,
);

/** An object was found in storage without an entry (a crash between storing and recording), and is captured now. */
export const recovered = entryKind(
  'recovered',
  {
    digest,
    generation: z.int().positive(),
    size: z.int().nonnegative(),
    policy: z.int().min(-1),
    holds: z.array(opaqueId),
    retainUntil: instant.optional(),
    flags: z.array(opaqueId),
  },
  {},
);
