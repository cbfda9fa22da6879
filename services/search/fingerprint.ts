import { createHash, hash } from 'node:crypto';
import { type ParseFlag, unreadFlags } from '#kernel';
import type { MailAddress, ParsedAttachment, ParsedMessage } from '#message';
import { BETWEEN } from './document-text.ts';

/** Hexadecimal digits of a sha256. */
export const FINGERPRINT_DIGITS = 32;

export function isFingerprint(text: string): boolean {
  return text.length === FINGERPRINT_DIGITS && /^[0-9a-f]+$/u.test(text);
}

/** Hashed at a time: what that takes beside the text stays small, however long the text is. */
const CHUNK_UNITS = 64 * 1024;

/** Nobody can tell of what has one of these whether it is another's copy. */
const uncertain: ReadonlySet<ParseFlag> = new Set([...unreadFlags, 'embedded-file', 'date-zone-unknown']);

/**
 * Groups copies of one message whose bytes differ: by who wrote it to whom, the date to the second, and every sign but white space of
 * the subject, the body, what it links to and what is attached. Transport fields, Bcc, names beside addresses, line ends, wrapping and
 * encodings do not count; a forwarded or answered copy has another subject and date. Undefined where nobody can tell:
 * without a date, or where something was not read. A file that is not looked into is told from others by name and length.
 */
export function fingerprintOf(parsed: ParsedMessage): string | undefined {
  const { date, flags, subject, body, links, attachments } = parsed;
  if (date === undefined || flags.some((flag) => uncertain.has(flag))) return undefined;
  const people = [parsed.from, parsed.sender, parsed.replyTo, parsed.to, parsed.cc].map(named);
  const texts = [...people, String(Math.floor(date / 1000)), subject, body, links.join('\n')];
  return hashed([...texts, ...attachments.flatMap(attached)].map(withoutSpace)).slice(0, FINGERPRINT_DIGITS);
}

/** By their addresses, or names where they have none; in whatever order. */
function named(people: readonly MailAddress[]): string {
  const all = people.map(({ name, address }) => (address === '' ? `"${name}"` : address.toLowerCase()));
  return [...new Set(all)].sort().join(',');
}

function attached({ name, mediaType, size, text, unread }: ParsedAttachment): string[] {
  return [name, mediaType, unread === true ? String(size) : text];
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/gu, '');
}

/** The text as it was written, without the parts of words that stand behind it. */
export function withoutParts(tokens: string): string {
  const end = tokens.indexOf(BETWEEN);
  return end < 0 ? tokens : tokens.slice(0, end);
}

/** No text has a NUL. Of most messages all together: a hash object takes longer than what is hashed. */
function hashed(texts: readonly string[]): string {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length <= CHUNK_UNITS) return hash('sha256', texts.join('\0'));
  const sha256 = createHash('sha256');
  for (const text of texts) {
    for (let at = 0; at < text.length; at += CHUNK_UNITS) sha256.update(text.slice(at, at + CHUNK_UNITS));
    sha256.update('\0');
  }
  return sha256.digest('hex');
}
