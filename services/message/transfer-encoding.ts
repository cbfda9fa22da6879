import type { ParseFlag } from '#kernel';
import { CR, LF, SPACE, TAB } from './octets.ts';

const EQUALS = 0x3d;
const JUNK = 64;
const SKIP = 65;
const PADDING = 66;
/** What an octet means in base64 (RFC 4648 §4): a value below 64, white space, padding, or junk. */
const BASE64 = new Uint8Array(256).fill(JUNK);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let index = 0; index < ALPHABET.length; index++) BASE64[ALPHABET.charCodeAt(index)] = index;
for (const octet of [CR, LF, SPACE, TAB]) BASE64[octet] = SKIP;
BASE64[EQUALS] = PADDING;

/** Value of a hexadecimal digit, or 255. */
const HEX = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/**
 * RFC 2045 §6.8, tolerant: junk is stepped over, padding in the middle ends a group and decoding goes on behind it. Readers
 * disagree about both, so both are flagged.
 */
export function decodeBase64(bytes: Buffer, flags: Set<ParseFlag>): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil((bytes.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  let padded = false;
  for (const octet of bytes) {
    const value = BASE64[octet] ?? JUNK;
    if (value < 64) {
      if (padded) {
        flags.add('ambiguous-structure').add('bad-encoding');
        padded = false;
        held = 0;
      }
      bits = ((bits << 6) | value) & 0xffffff;
      held += 6;
      if (held >= 8) {
        held -= 8;
        out[length++] = (bits >> held) & 0xff;
      }
    } else if (value === PADDING) padded = true;
    else if (value === JUNK) flags.add('ambiguous-structure').add('bad-encoding');
  }
  return out.subarray(0, length);
}

/** The first line of what has no other characters, or a piece of it. */
const BASE64_START = /^\s{0,20}(?![0-9]*\s)[A-Za-z0-9+/]{20,998}={0,2}(?:\s|$)/u;
const START_LENGTH = 1024;

/** Whether octets are nothing but base64 in lines without spaces, as content is whose encoding was declared where nobody looks. */
export function isBase64Block(bytes: Buffer): boolean {
  return BASE64_START.test(bytes.toString('latin1', 0, START_LENGTH)) && isAllBase64(bytes);
}

function isAllBase64(bytes: Buffer): boolean {
  let afterSpace = false;
  for (const octet of bytes) {
    if (octet === LF || octet === CR) afterSpace = false;
    else if (octet === SPACE || octet === TAB) afterSpace = true;
    // A space within a line is one between words.
    else if (afterSpace || BASE64[octet] === JUNK) return false;
  }
  return true;
}

/** RFC 2045 §6.7, tolerant: an `=` that begins no escape stands for itself. `underscores`: RFC 2047 §4.2, `_` is a space. */
export function decodeQuotedPrintable(bytes: Buffer, flags: Set<ParseFlag>, underscores = false): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let at = 0;
  while (at < bytes.length) {
    const octet = bytes[at] ?? 0;
    if (octet === EQUALS) {
      const value = escaped(bytes, at);
      const skip = value >= 0 ? 3 : softBreak(bytes, at);
      if (value >= 0) out[length++] = value;
      else if (skip < 0) {
        flags.add('bad-encoding');
        out[length++] = octet;
      }
      at += Math.max(skip, 1);
      continue;
    }
    out[length++] = underscores && octet === 0x5f ? SPACE : octet;
    at++;
  }
  return out.subarray(0, length);
}

function escaped(bytes: Buffer, at: number): number {
  const high = HEX[bytes[at + 1] ?? 0] ?? 255;
  const low = HEX[bytes[at + 2] ?? 0] ?? 255;
  return high < 16 && low < 16 ? (high << 4) | low : -1;
}

/** Octets of the soft line break that begins at `at`, white space before the line end included; -1 where it is none. */
function softBreak(bytes: Buffer, at: number): number {
  let next = at + 1;
  // White space behind `=` is transport padding; bounded, so that a run of `=   ` stays linear.
  while (next - at < 80 && (bytes[next] === SPACE || bytes[next] === TAB)) next++;
  if (next >= bytes.length) return next - at;
  if (bytes[next] === CR) return bytes[next + 1] === LF ? next + 2 - at : next + 1 - at;
  return bytes[next] === LF ? next + 1 - at : -1;
}

/** Decoded size of base64 that is not decoded: the line ends are counted from the length of the first line. */
export function estimateBase64Size(bytes: Buffer): number {
  const lineFeed = bytes.indexOf(LF);
  const lineEnd = lineFeed > 0 && bytes[lineFeed - 1] === CR ? 2 : 1;
  const end = endOfBase64(bytes);
  const lineEnds = lineFeed > lineEnd ? Math.floor(end / (lineFeed + 1)) * lineEnd : 0;
  const padding = paddingBefore(bytes, end);
  return Math.max(0, Math.floor(((end - lineEnds) * 3) / 4) - padding);
}

function endOfBase64(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && BASE64[bytes[end - 1] ?? 0] === SKIP) end--;
  return end;
}

function paddingBefore(bytes: Buffer, end: number): number {
  if (end < 2 || bytes[end - 1] !== EQUALS) return 0;
  return bytes[end - 2] === EQUALS ? 2 : 1;
}
