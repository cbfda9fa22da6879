import type { ParseFlag } from '#kernel';
import iconv from 'iconv-lite';

type Order = 'utf-16le' | 'utf-16be';

/** Names that leave the order of octets open, or whose writers did not mind it. */
const OPEN_NAMES = new Set(['utf16', 'ucs2']);
const NAMED = new Map<string, Order>([
  ['utf16le', 'utf-16le'],
  ['utf16be', 'utf-16be'],
]);
/** Octets that are looked at to tell the order. */
const SAMPLE_BYTES = 64 * 1024;
const ODD_SHARE_MAX = 0.1;
/** What the wrong order makes of text: no characters, private ones, controls, and those of Latin text with octets swapped. */
const ODD = /[\p{Cn}\p{Co}\p{Cs}]|(?![\t\n\r\f])\p{Cc}/gu;

/**
 * Text in UTF-16; undefined where `name`, letters and digits only, is another charset. Without a byte order mark and without an order in the name
 * (RFC 2781 §4.3 says big-endian then, writers say otherwise) the order that gives fewer odd characters; flagged where
 * that does not tell.
 */
export function decodeUtf16(bytes: Buffer, name: string, flags: Set<ParseFlag>): string | undefined {
  const named = NAMED.get(name);
  if (named === undefined && !OPEN_NAMES.has(name)) return undefined;
  const order = markedOrder(bytes) ?? named ?? likelierOrder(bytes);
  if (isRatherAscii(bytes)) flags.add('unreadable-text');
  if (order === undefined || oddShare(bytes, order) > ODD_SHARE_MAX) flags.add('unreadable-text');
  return iconv.decode(bytes, order ?? 'utf-16be');
}

/** Octets that are for the most part two printable ASCII characters at a time: hardly two octets of one character. */
function isRatherAscii(bytes: Buffer): boolean {
  const end = Math.min(bytes.length, SAMPLE_BYTES) - 1;
  let pairs = 0;
  for (let at = 0; at < end; at += 2) if (isPrintable(bytes[at]) && isPrintable(bytes[at + 1])) pairs++;
  return pairs * 4 > bytes.length;
}

function isPrintable(octet = 0): boolean {
  return octet >= 0x20 && octet < 0x7f;
}

/** Undefined where both are alike. */
function likelierOrder(bytes: Buffer): Order | undefined {
  const lead = oddShare(bytes, 'utf-16le') - oddShare(bytes, 'utf-16be');
  if (lead === 0) return bytes.length === 0 ? 'utf-16be' : undefined;
  return lead < 0 ? 'utf-16le' : 'utf-16be';
}

/** What a byte order mark at the beginning says. */
export function markedOrder(bytes: Buffer): Order | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** How many of the first characters are odd, of one. */
function oddShare(bytes: Buffer, order: Order): number {
  const text = iconv.decode(bytes.subarray(0, SAMPLE_BYTES), order);
  let odd = text.match(ODD)?.length ?? 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0 && (unit & 0xff) === 0) odd++;
  }
  return odd / Math.max(1, text.length);
}
