import type { ParseFlag } from '#kernel';
import { isAscii } from 'node:buffer';
import { parseAddresses } from './address-list.ts';
import { decodeText } from './charset.ts';
import { withoutControls, withoutNul } from './controls.ts';
import { fieldText, readableText } from './field-text.ts';
import {
  ENVELOPE_FIELDS,
  NOTE_FIELDS,
  SHOWN_FIELDS,
  type Field,
  type FieldName,
  type HeaderBlock,
} from './header-block.ts';
import type { HeaderStart } from './header-start.ts';
import { parseMailDate } from './mail-date.ts';
import { addNamedFields } from './named-fields.ts';
import type { MailAddress, ParsedMessage } from './parsed-message.ts';
import { parseParameters } from './parameters.ts';
import type { Reading } from './reading.ts';

export type MessageHeader = Omit<
  ParsedMessage,
  'body' | 'notes' | 'fields' | 'links' | 'attachments' | 'flags' | 'traits'
>;

const NO_ADDRESSES: readonly MailAddress[] = [];
const NO_FIELDS: readonly Field[] = [];

/** The fields of a message's header, decoded. Fields that repeat are all read; where they must not (RFC 5322 §3.6) it is flagged. */
export function messageHeader(bytes: Buffer, header: HeaderBlock, flags: Set<ParseFlag>): MessageHeader {
  const byName = new Map<FieldName, Field[]>();
  for (const field of header.fields) {
    const found = byName.get(field.name);
    if (found === undefined) byName.set(field.name, [field]);
    else found.push(field);
  }
  const fields = (name: FieldName): readonly Field[] => byName.get(name) ?? NO_FIELDS;
  const hint = charsetHint(bytes, header, flags);
  const addresses = (...names: readonly FieldName[]): readonly MailAddress[] =>
    addressesOf(bytes, names.flatMap(fields), flags, hint);
  const messageIds = idsOf(bytes, fields('message-id'), flags);
  if (messageIds.length === 0) flags.add('no-message-id');
  else if (messageIds.length > 1) flags.add('several-message-ids');
  return {
    subject: subjectOf(bytes, fields('subject'), flags, hint),
    from: addresses('from'),
    sender: addresses('sender'),
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    carried: {
      from: addresses('resent-from', 'return-path'),
      to: addresses('resent-to', ...ENVELOPE_FIELDS),
      cc: addresses('resent-cc'),
      bcc: addresses('resent-bcc', 'x-bcc'),
    },
    date: dateOf(bytes, fields('date'), flags),
    messageIds,
    inReplyTo: idsOf(bytes, fields('in-reply-to'), flags).filter(isMessageId),
    references: idsOf(bytes, fields('references'), flags).filter(isMessageId),
  };
}

/** What an attached message's header says, as text of the attachment. */
export function addMessageHeader(bytes: Buffer, header: HeaderBlock, texts: string[], reading: Reading): void {
  for (const field of header.fields) {
    if (SHOWN.has(field.name)) reading.add(readableText(bytes, field, reading.flags), texts);
  }
}

const SHOWN: ReadonlySet<FieldName> = new Set(SHOWN_FIELDS);

const NOTES: ReadonlySet<FieldName> = new Set(NOTE_FIELDS);

/** What a message's header says beside the subject, and every field by its name. */
export function addNotes(bytes: Buffer, header: HeaderBlock, reading: Reading): void {
  const hint = charsetHint(bytes, header, reading.flags);
  addNamedFields(bytes, header, reading, hint);
  for (const field of header.fields) {
    if (NOTES.has(field.name)) reading.add(readableText(bytes, field, reading.flags, hint), reading.notes);
  }
}

/**
 * The lines before the header: a separator of an mbox, or prose that looks like one. Behind a blank line the header is text, too.
 * @param fieldsEnd where the header's last field ends in `bytes`
 */
export function addStepped(bytes: Buffer, start: HeaderStart, fieldsEnd: number, { texts, reading }: Target): void {
  const end = start.isBehindBlank ? fieldsEnd : start.at;
  if (end === 0) return;
  reading.add(withoutControls(decodeText(bytes.subarray(0, end), '', reading.flags)).trim(), texts);
}

interface Target {
  readonly texts: string[];
  readonly reading: Reading;
}

/** What the header of a part says that it is. */
export function addDescription(bytes: Buffer, header: HeaderBlock, reading: Reading): void {
  for (const field of header.fields) {
    if (field.name === 'content-description') reading.add(readableText(bytes, field, reading.flags), reading.notes);
  }
}

/** The charset that the message's own Content-Type declares, wanted only where its header has octets above 127. */
function charsetHint(bytes: Buffer, header: HeaderBlock, flags: Set<ParseFlag>): string {
  if (header.fields.length === 0 || isAscii(bytes.subarray(header.fields[0]?.start, header.fieldsEnd))) return '';
  const type = header.fields.find((field) => field.name === 'content-type');
  if (type === undefined) return '';
  return parseParameters(fieldText(bytes, type, flags), flags).parameters.get('charset') ?? '';
}

function subjectOf(bytes: Buffer, fields: readonly Field[], flags: Set<ParseFlag>, hint: string): string {
  const subjects = new Set<string>();
  for (const field of fields) subjects.add(readableText(bytes, field, flags, hint));
  // Readers show the first or the last of several: both are kept.
  if (subjects.size > 1) flags.add('ambiguous-structure');
  return [...subjects].join(' ');
}

function addressesOf(
  bytes: Buffer,
  fields: readonly Field[],
  flags: Set<ParseFlag>,
  hint: string,
): readonly MailAddress[] {
  if (fields.length === 0) return NO_ADDRESSES;
  return fields.flatMap((field) => parseAddresses(withoutNul(fieldText(bytes, field, flags, hint)), flags));
}

function dateOf(bytes: Buffer, fields: readonly Field[], flags: Set<ParseFlag>): number | undefined {
  if (fields.length === 0) flags.add('date-missing');
  let date: number | undefined;
  for (const field of fields) {
    const found = parseMailDate(fieldText(bytes, field, flags), flags);
    if (date !== undefined && found !== undefined && found !== date) flags.add('ambiguous-structure');
    date ??= found;
  }
  return date;
}

/** RFC 5322 §3.6.4. Programs write `undefined` as well, and who wrote the message that is answered: `Message from Bob <bob@x>`. */
function isMessageId(id: string): boolean {
  return /^[^\s@]+@[^\s@]+$/u.test(id);
}

/** What stands in angle brackets; words without brackets where there are none. */
function idsOf(bytes: Buffer, fields: readonly Field[], flags: Set<ParseFlag>): readonly string[] {
  const ids: string[] = [];
  for (const field of fields) collectIds(withoutNul(fieldText(bytes, field, flags)), ids);
  return ids;
}

function collectIds(text: string, ids: string[]): void {
  let open = text.indexOf('<');
  if (open < 0) {
    for (const word of text.split(/\s+/u)) if (word !== '') ids.push(word);
    return;
  }
  while (open >= 0) {
    const close = text.indexOf('>', open + 1);
    const id = text.slice(open + 1, close < 0 ? text.length : close).trim();
    if (id !== '') ids.push(id);
    open = close < 0 ? -1 : text.indexOf('<', close + 1);
  }
}
