import { createHash } from 'node:crypto';
import { streamSafe } from '#kernel';
import type { ParsedMessage } from './parsed-message.ts';

/**
 * Groups copies of one message whose bytes differ: sha256, in hex, of the sender's address, the date to the second, the
 * subject and the body, each normalised to letters and digits in lower case. Transport fields, line ends, wrapping, quoting
 * marks and encodings do not count; a forwarded or answered copy has another subject and date and so another fingerprint.
 */
export function fingerprint(parsed: ParsedMessage): string {
  const hash = createHash('sha256');
  const sender = (parsed.from[0] ?? parsed.sender[0])?.address.toLowerCase() ?? '';
  const date = parsed.date === undefined ? '' : String(Math.floor(parsed.date / 1000));
  for (const part of [sender, date, lettersOf(parsed.subject), lettersOf(parsed.body)]) hash.update(part).update('\0');
  return hash.digest('hex');
}

function lettersOf(text: string): string {
  return streamSafe(text)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}
