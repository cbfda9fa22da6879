import type { Digest } from '#kernel';
import type { UidSet } from './uid-set.ts';

/** Where a message was seen, in the words of its source: field for field the aside of a sighting in the ledger. */
export interface Place {
  readonly custodian: string;
  /**
   * Folders with `/` between them, empty for what lies directly in the custodian's folder; an IMAP mailbox exactly as its
   * server names it, so that two never become one.
   */
  readonly mailbox: string;
  readonly format: 'eml' | 'maildir' | 'mboxrd' | 'mboxo' | 'imap';
  /** Path of a file below the import's root, with `/`. */
  readonly path?: string;
  /** Byte position of the message's first byte (after the `From ` line) within an mbox file. */
  readonly offset?: number;
  /** The mbox `From ` line, without its line end, as latin1. */
  readonly fromLine?: string;
  /** RFC 3501 §2.3.1.1, as the server wrote it. */
  readonly uidValidity?: string;
  readonly uid?: number;
  /** IMAP INTERNALDATE, milliseconds since 1970. */
  readonly internalDate?: number;
  /** IMAP flags, or the info letters of a Maildir name. */
  readonly flags?: readonly string[];
}

/**
 * A message's bytes: in memory up to `limits.messageInMemoryBytesMax`, else in a temporary file of its own, which belongs
 * to whoever received it and is removed by them (`discardContent`).
 */
export type Content = { readonly bytes: Buffer } | { readonly file: string };

/** Why a message, a file or a folder could not be read. The first five are what a `quarantined` entry may name. */
export type SightingFailure = 'not-returned' | 'empty' | 'nil-body' | 'too-large' | 'refused' | 'unreadable';

/** One message, whole, with the digest of its bytes taken as they came in. */
export interface FoundMessage {
  readonly kind: 'message';
  readonly place: Place;
  readonly content: Content;
  readonly size: number;
  readonly digest: Digest;
  /** What the server said the size is, where it differs. Servers err; it is never a reason to refuse the message. */
  readonly declaredSize?: number;
}

/** Messages of one mailbox that were listed and are accounted for already; nothing of them was fetched. */
export interface FoundKnown {
  readonly kind: 'known';
  readonly mailbox: string;
  readonly uidValidity: string;
  readonly count: number;
}

/** Was there and could not be had. `place.uid` names the message; without it the whole file, folder or mailbox failed. */
export interface FoundFailed {
  readonly kind: 'failed';
  readonly place: Place;
  readonly code: SightingFailure;
  /** One line for people. */
  readonly reason: string;
  /** How often it was asked for in this run. */
  readonly attempts: number;
}

/** Was listed by the server, and vanished from it before it could be fetched. */
export interface FoundGone {
  readonly kind: 'gone';
  readonly place: Place;
}

/** A file that is no candidate for the chosen format. */
export interface FoundIgnored {
  readonly kind: 'ignored';
  readonly path: string;
  readonly why: string;
}

export type Found = FoundMessage | FoundKnown | FoundFailed | FoundGone | FoundIgnored;

/** What the ledger accounts for. The source fetches what the server lists minus this; there is no other cursor. */
export interface Accounting {
  /** UIDs captured or recorded as gone, of one mailbox under one UIDVALIDITY. Asked once for each mailbox selected. */
  accounted(mailbox: string, uidValidity: string): Promise<UidSet>;
}

/**
 * An origin of mail. It reads and never changes what it reads from. Duties:
 * - Every message that is there is answered exactly once, as `message`, `failed` or `gone`, or counted in a `known`;
 *   after a reconnection or a new UIDVALIDITY a message may be answered again.
 * - One message that cannot be had is `failed` and never ends the run; only what makes going on pointless throws.
 * - Memory is bounded whatever the origin holds: the next item is produced when asked for, apart from a bounded read-ahead.
 * - Leaving the loop early releases connections, files and temporary files that were not handed out.
 */
export interface Source {
  /** The source's opaque id in the ledger. */
  readonly id: string;

  /**
   * One pass over everything. May be called again, not while an earlier pass is running.
   * @throws SourceFault as listed there; the signal's reason when it was aborted
   */
  sightings(account: Accounting, signal: AbortSignal): AsyncIterable<Found>;
}

/** A source that can tell when it is worth looking again. */
export interface WatchableSource extends Source {
  /**
   * Yields whenever something may be new, at the latest after the polling interval; ends when the signal is aborted. Never
   * running at the same time as `sightings`: the next element is waited for only when it is asked for.
   */
  changes(signal: AbortSignal): AsyncIterable<void>;
}
