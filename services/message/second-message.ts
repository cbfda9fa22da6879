import { CR, LF, lineEndAt, nextLineAt } from './octets.ts';

const FROM = Buffer.from('From ', 'latin1');
const BEGINS_LIKE_MBOX = /^(?:\xef\xbb\xbf)?[\r\n]{0,100}From /u;
const TIME = /\d:\d\d/u;
const FIELD_START = /^[!-9;-~]{1,100}[ \t]*:/u;
/** A separator is no longer. */
const LINE_OCTETS_MAX = 1000;

/**
 * Whether a message that begins with a line of an mbox has another such line, with a time, behind a blank line and before a
 * field: to some readers it is two messages.
 */
export function holdsSecondMessage(bytes: Buffer): boolean {
  if (!BEGINS_LIKE_MBOX.test(bytes.toString('latin1', 0, 120))) return false;
  for (let at = bytes.indexOf(FROM); at >= 0; at = bytes.indexOf(FROM, at + FROM.length)) {
    if (isBehindBlank(bytes, at) && separates(bytes, at)) return true;
  }
  return false;
}

function isBehindBlank(bytes: Buffer, at: number): boolean {
  const before = bytes[at - 1];
  if (before === CR) return bytes[at - 2] === CR;
  if (before !== LF || at < 2) return false;
  return bytes[at - 2] === LF || (bytes[at - 2] === CR && bytes[at - 3] === LF);
}

function separates(bytes: Buffer, at: number): boolean {
  const lineEnd = lineEndAt(bytes, at, Math.min(bytes.length, at + LINE_OCTETS_MAX));
  const next = nextLineAt(bytes, lineEnd, bytes.length);
  if (!TIME.test(bytes.toString('latin1', at, lineEnd))) return false;
  return FIELD_START.test(bytes.toString('latin1', next, next + 120));
}
