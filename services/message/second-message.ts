import { CR, LF, lineEndAt, nextLineAt } from './octets.ts';

const FROM = Buffer.from('From ', 'latin1');
const BEGINS_LIKE_MBOX = /^(?:\xef\xbb\xbf)?[\r\n]{0,100}>?From /u;
const TIME = /\d:\d\d/u;
/** What programs write that know neither sender nor date. */
const PLACEHOLDER = /^From (?:-|\?\?\?@\?\?\?)[ \t\r]*$/u;
const FIELD_START = /^(?:[!-9;-~]{1,100}[ \t]*:|>From )/u;
/** A separator is no longer. */
const LINE_OCTETS_MAX = 1000;

/**
 * Whether a message that begins with a line of an mbox has another line that readers of mboxes take for one: then it is two messages
 * to some of them. By no line more is an mbox divided than by these.
 */
export function holdsSecondMessage(bytes: Buffer): boolean {
  if (!BEGINS_LIKE_MBOX.test(bytes.toString('latin1', 0, 120))) return false;
  const first = bytes.indexOf(FROM);
  for (let at = bytes.indexOf(FROM, first + 1); at >= 0; at = bytes.indexOf(FROM, at + FROM.length)) {
    const before = bytes[at - 1];
    if ((before === LF || before === CR) && separates(bytes, at)) return true;
  }
  return false;
}

/** A time in it; or a field behind it, and a blank line before it or nothing in it. */
function separates(bytes: Buffer, at: number): boolean {
  const lineEnd = lineEndAt(bytes, at, Math.min(bytes.length, at + LINE_OCTETS_MAX));
  const line = bytes.toString('latin1', at, lineEnd);
  if (TIME.test(line)) return true;
  if (!PLACEHOLDER.test(line) && !isBehindBlank(bytes, at)) return false;
  const next = nextLineAt(bytes, lineEnd, bytes.length);
  return FIELD_START.test(bytes.toString('latin1', next, next + 120));
}

function isBehindBlank(bytes: Buffer, at: number): boolean {
  if (bytes[at - 1] === CR) return bytes[at - 2] === CR;
  return bytes[at - 2] === LF || (bytes[at - 2] === CR && bytes[at - 3] === LF);
}
