import type { ParseFlag } from '#kernel';
import { CR, LF, lineEndAt, nextLineAt } from './octets.ts';

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const FROM_LINES = [Buffer.from('From ', 'latin1'), Buffer.from('>From ', 'latin1')];
const FIELD_START = /^[!-9;-~]{1,100}[ \t]*:/u;
const FROM_FIELD = /^From[ \t]+:/u;
/** `From ` lines before the header that are looked at. */
const LINES_MAX = 10;

export interface HeaderStart {
  readonly at: number;
  /** Readers that take the first blank line as the header's end see no header here: it is text to them. */
  readonly isBehindBlank: boolean;
}

/**
 * Where the header begins: behind a byte order mark, the `From ` line of an mbox and blank lines, if a field follows; else
 * at the first octet. What is before it may be what somebody wrote, and is searched (`addStepped`).
 */
export function headerStart(bytes: Buffer, flags: Set<ParseFlag>): HeaderStart {
  if (isPlainStart(bytes)) return { at: 0, isBehindBlank: false };
  const begin = bytes.subarray(0, 3).equals(UTF8_MARK) ? 3 : 0;
  let at = begin;
  let isBehindBlank = false;
  for (let lines = 0; at < bytes.length; at = nextLineAt(bytes, lineEndAt(bytes, at, bytes.length), bytes.length)) {
    if (isBlank(bytes, at)) isBehindBlank = true;
    else if (lines++ === LINES_MAX || !isFromLine(bytes, at)) break;
  }
  const isField = FIELD_START.test(bytes.toString('latin1', at, at + 120));
  if (!isField) return { at: begin, isBehindBlank: false };
  if (isBehindBlank) flags.add('ambiguous-structure');
  return { at, isBehindBlank };
}

/** Almost every message begins with a letter that is no mark, blank line or `From `. */
function isPlainStart(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  return first > 0x20 && first < 0x7f && first !== 0x46 && first !== 0x3e;
}

function isBlank(bytes: Buffer, at: number): boolean {
  return bytes[at] === CR || bytes[at] === LF;
}

/** `From :` is a field (RFC 5322 §4.5.2), and none of those lines. */
function isFromLine(bytes: Buffer, at: number): boolean {
  if (!FROM_LINES.some((start) => bytes.subarray(at, at + start.length).equals(start))) return false;
  return !FROM_FIELD.test(bytes.toString('latin1', at, at + 120));
}
