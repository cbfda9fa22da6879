import { createHash, hash } from 'node:crypto';
import { unreadFlags } from '#kernel';
import type { ParsedMessage } from '#message';
import { BETWEEN } from './document-text.ts';

/** What is compared of a message's text: as it is searched. */
export type ComparedColumns = Readonly<Record<'subject' | 'body' | 'names' | 'attachments', string>>;

/** Hexadecimal digits of a sha256. */
export const FINGERPRINT_DIGITS = 32;

export function isFingerprint(text: string): boolean {
  return text.length === FINGERPRINT_DIGITS && /^[0-9a-f]+$/u.test(text);
}

/** Hashed at a time: what that takes beside the text stays small, however long the text is. */
const CHUNK_UNITS = 64 * 1024;

/**
 * Groups copies of one message whose bytes differ: by the sender's address, the date to the second, and the words of the subject, the
 * body and what is attached. Transport fields, recipients, line ends, wrapping, quoting marks and encodings do not count; a
 * forwarded or answered copy has another subject and date. Undefined where nobody can tell: without a date, or where
 * something was not read.
 */
export function fingerprintOf(parsed: ParsedMessage, columns: ComparedColumns): string | undefined {
  if (parsed.date === undefined || parsed.flags.some((flag) => unreadFlags.includes(flag))) return undefined;
  const sender = (parsed.from[0] ?? parsed.sender[0])?.address.toLowerCase() ?? '';
  const head = `${sender}\0${Math.floor(parsed.date / 1000)}\0${withoutParts(columns.subject)}`;
  const texts = [head, withoutParts(columns.body)];
  if (parsed.attachments.length > 0) texts.push(columns.names, columns.attachments, closedSizes(parsed));
  return hashed(texts).slice(0, FINGERPRINT_DIGITS);
}

/** The text as it was written, without the parts of words that stand behind it. */
export function withoutParts(tokens: string): string {
  const end = tokens.indexOf(BETWEEN);
  return end < 0 ? tokens : tokens.slice(0, end);
}

/** A file that is not looked into is told from others of its name by its length. */
function closedSizes({ attachments }: ParsedMessage): string {
  return attachments.flatMap(({ unread, size }) => (unread === true ? [size] : [])).join(' ');
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
