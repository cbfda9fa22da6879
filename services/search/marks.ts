import { unreadFlags } from '#kernel';
import { domainToUnicode } from 'node:url';
import type { MailAddress, ParsedAttachment, ParsedMessage } from '#message';

/** Fields of which a message has an exact value or has it not. */
export const markFields = [
  'has',
  'is',
  'unsearchable',
  'message-id',
  'reference',
  'fingerprint',
  'topic',
  'domain',
  'filetype',
] as const;

export type MarkField = (typeof markFields)[number];

/** Of these a message has one value at most. */
export type GroupingMark = Extract<MarkField, 'fingerprint' | 'topic'>;

/** What can stand behind `has:`, `is:` and `unsearchable:`, as far as a message says it of itself. */
export const markValues = {
  has: ['attachment', 'html', 'signature', 'encryption', 'invitation', 'no-message-id'],
  is: ['unsearchable', 'truncated', 'bounce'],
  unsearchable: ['attachment', ...unreadFlags],
} as const;

/** `unsearchable:` of an attachment that only its own program reads; other reasons are flags of the parser. */
export const UNREAD_ATTACHMENT = 'unsearchable:attachment';

/** Of one message, in UTF-16 units: a message with more addresses than that is flagged. */
const MARKS_UNITS_MAX = 256 * 1024;

/** RFC 5322 §2.1.1 allows 998 octets in a line; longer values are compared by their beginning. */
const VALUE_UNITS_MAX = 998;

/** Of a host: `domain:example` finds whatever is below it. */
const LABELS_MAX = 16;

export interface StoredMarks {
  /** `field:value`, each once, sorted. */
  readonly marks: readonly string[];
  readonly isWhole: boolean;
}

/**
 * The marks that a document keeps: those that its display does not say already.
 * @param relations the marks that follow from what its words are
 */
export function storedMarks(parsed: ParsedMessage, relations: readonly string[]): StoredMarks {
  const marks = new Set<string>();
  let left = MARKS_UNITS_MAX;
  for (const mark of marksIn(parsed, relations)) {
    if (marks.has(mark)) continue;
    left -= mark.length + 1;
    if (left < 0) return { marks: [...marks].sort(), isWhole: false };
    marks.add(mark);
  }
  return { marks: [...marks].sort(), isWhole: true };
}

function* marksIn(parsed: ParsedMessage, relations: readonly string[]): Generator<string> {
  yield* relations;
  for (const trait of parsed.traits) yield trait === 'bounce' ? 'is:bounce' : `has:${trait}`;
  if (parsed.attachments.some(({ unread }) => unread)) yield UNREAD_ATTACHMENT;
  for (const id of parsed.messageIds) yield markOf('message-id', id);
  for (const attachment of parsed.attachments) yield* fileTypes(attachment);
  for (const host of hostsIn(parsed)) yield* domainMarks(host);
  for (const id of referencesIn(parsed)) yield markOf('reference', id);
}

/** Old programs name in In-Reply-To who wrote what is answered: `Message from Bob <bob@x>`. */
function* referencesIn(parsed: ParsedMessage): Generator<string> {
  yield* parsed.references;
  if (parsed.inReplyTo.length === 0) return;
  const people = new Set(Array.from(addressesIn(parsed), ({ address }) => address.toLowerCase()));
  yield* parsed.inReplyTo.filter((id) => !people.has(id.toLowerCase()));
}

/** As they are written, each once: a message may be to a hundred thousand people of one host. */
function hostsIn(parsed: ParsedMessage): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const { address } of addressesIn(parsed)) {
    const at = address.lastIndexOf('@');
    if (at >= 0) hosts.add(address.slice(at + 1));
  }
  return hosts;
}

function* addressesIn({ from, sender, replyTo, to, cc, bcc, carried }: ParsedMessage): Generator<MailAddress> {
  for (const list of [from, sender, replyTo, to, cc, bcc, ...Object.values(carried)]) yield* list;
}

function* domainMarks(host: string): Generator<string> {
  const labels = markValue('domain', host).split('.');
  for (let from = Math.max(0, labels.length - LABELS_MAX); from < labels.length; from++) {
    const domain = labels.slice(from).join('.');
    if (domain !== '') yield `domain:${domain}`;
  }
}

/** Of a file's name the ending, of its media type the whole and the part before the slash. */
function* fileTypes({ name, otherName = '', mediaType }: ParsedAttachment): Generator<string> {
  for (const one of [name, otherName]) {
    const [, ending = ''] = /\.([\p{L}\p{N}]{1,16})\s*$/u.exec(one) ?? [];
    if (ending !== '') yield markOf('filetype', ending);
  }
  yield markOf('filetype', mediaType);
  const [type = ''] = mediaType.split('/');
  if (type !== 'application') yield markOf('filetype', type);
}

export function markOf(field: MarkField, text: string): string {
  return `${field}:${markValue(field, text)}`;
}

/** The other side of `markOf`. */
export function markParts(mark: string): readonly [field: string, value: string] {
  const colon = mark.indexOf(':');
  return [mark.slice(0, colon), mark.slice(colon + 1)];
}

/** A value as it is compared: small letters; a host in Unicode, whichever way it is written (RFC 5890). */
export function markValue(field: MarkField, text: string): string {
  // A character that is cut in two would be another in the index than here.
  const value = text.trim().slice(0, VALUE_UNITS_MAX).toWellFormed().toLowerCase();
  return comparable[field]?.(value) ?? value;
}

/** What else of a value does not count. */
const comparable: Partial<Record<MarkField, (value: string) => string>> = {
  domain: (value) => {
    const host = value.replace(/^@|^\*?\./u, '').replace(/\.$/u, '');
    return domainToUnicode(host) || host;
  },
  'message-id': withoutBrackets,
  reference: withoutBrackets,
  filetype: (value) => value.replace(/^\*?\./u, ''),
  has: (value) => (value === 'attachments' ? 'attachment' : value),
};

function withoutBrackets(value: string): string {
  return value.replace(/^<(.*)>$/u, '$1');
}
