import type { ParseFlag } from '#kernel';

/** What a message says, as far as it could be read. Everything here is derived; the bytes are the record. */
export interface ParsedMessage {
  readonly subject: string;
  readonly from: readonly MailAddress[];
  readonly sender: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
  /** Who else sent, carried or got it, as fields say that no reader shows. */
  readonly carried: CarriedAddresses;
  /** What the fields of `NOTE_FIELDS` and descriptions of parts say, and file names of what is body text. */
  readonly notes: readonly string[];
  /** The other fields of its own header, in their order; not those of `OWN_FIELDS`. */
  readonly fields: readonly NamedField[];
  /** What its HTML links to, shows from elsewhere or sends to, each once and as written. */
  readonly links: readonly string[];
  /** The Date field, milliseconds since 1970; undefined when absent or unreadable. May lie anywhere in -0002 … 60056. */
  readonly date: number | undefined;
  /** Every Message-ID field found, without angle brackets. None and five are both normal. */
  readonly messageIds: readonly string[];
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  /** Text of all body parts, in order, HTML rendered to text; both sides of multipart/alternative where they differ. */
  readonly body: string;
  readonly attachments: readonly ParsedAttachment[];
  readonly flags: readonly ParseFlag[];
  readonly traits: readonly MessageTrait[];
}

/**
 * What kind of message it is, of itself and not of messages in it: its text is HTML; it has a signature (RFC 1847, RFC 8551,
 * RFC 3156); it has a calendar (RFC 5545); it reports on a delivery (RFC 3464).
 */
export type MessageTrait = 'html' | 'signature' | 'invitation' | 'bounce';

/** Resent fields (RFC 5322 §3.6.6), and what servers write of the envelope. */
export interface CarriedAddresses {
  /** Resent-From, Return-Path. */
  readonly from: readonly MailAddress[];
  /** Resent-To and the fields of `ENVELOPE_FIELDS`. */
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
}

/** A message that says nothing. */
export const emptyMessage: ParsedMessage = {
  subject: '',
  from: [],
  sender: [],
  replyTo: [],
  to: [],
  cc: [],
  bcc: [],
  carried: { from: [], to: [], cc: [], bcc: [] },
  notes: [],
  fields: [],
  links: [],
  date: undefined,
  messageIds: [],
  inReplyTo: [],
  references: [],
  body: '',
  attachments: [],
  flags: [],
  traits: [],
};

export interface NamedField {
  /** In small letters; a name of more than `FIELD_NAME_MAX` octets by its beginning. */
  readonly name: string;
  /** Unfolded, encoded words decoded; may be empty. */
  readonly text: string;
}

export interface MailAddress {
  /** Display name, decoded; empty when there is none. */
  readonly name: string;
  /** As written, without angle brackets and quoted pairs; empty for a group. */
  readonly address: string;
  /** What stands in parentheses beside the display name; absent where nothing does. */
  readonly comment?: string;
}

export interface ParsedAttachment {
  /** Decoded file name (RFC 2231, RFC 2047); empty when there is none. */
  readonly name: string;
  /** Another name that some readers show instead; absent where there is none. */
  readonly otherName?: string;
  /** Lower-case media type, e.g. `application/pdf`. */
  readonly mediaType: string;
  /** Bytes after transfer decoding, estimated from the encoded length where it was not decoded. */
  readonly size: number;
  /** Text, for text parts and attached messages; empty where none could be read. */
  readonly text: string;
  /** Its text, if it has any, is for its own program: it was not looked for. */
  readonly unread?: true;
}
