import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { wordSet } from './word-set.ts';
import type { ParseFlag } from './parsed-message.ts';
import { decodeUtf16 } from './utf16.ts';

/** Names that say nothing about the octets: these count as undeclared. */
const SILENT = wordSet(`
  us-ascii ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us iso-ir-6 646 us 7bit 8bit x-unknown
  unknown unknown-8bit x-user-defined default default_charset none binary x-ascii
`).add('');
const UTF8 = new Set(['utf-8', 'utf8', 'unicode-1-1-utf-8', 'x-utf-8', 'utf-8-mac', 'x-unicode-2-0-utf-8']);
/** What a name stands for in mail, where it is not what the standard of that name says (as the WHATWG Encoding Standard has it). */
const MEANT = new Map([
  ...['iso-8859-1', 'iso8859-1', 'iso_8859-1', 'latin1', 'latin-1', 'l1', 'cp1252', 'x-ansi', 'ansi'].map(
    (name) => [name, 'windows-1252'] as const,
  ),
  ['iso-8859-9', 'windows-1254'],
  ['iso-8859-11', 'windows-874'],
  ['iso-8859-8-i', 'windows-1255'],
  ['iso-8859-8-e', 'iso-8859-8'],
  ['x-gbk', 'gbk'],
  ['x-sjis', 'shift_jis'],
  ['x-euc-jp', 'euc-jp'],
  ['x-mac-roman', 'macintosh'],
  ['x-mac-cyrillic', 'maccyrillic'],
  ['unicode-1-1-utf-7', 'utf-7'],
  ['hz', 'hz-gb-2312'],
]);
/** Encodings of iconv-lite that are no charsets. */
const NO_CHARSETS = new Set(['hex', 'base64', 'ucs2hex']);
const ESCAPE_SEQUENCE = '\u001b$';

/**
 * Text of octets in a declared charset. A name that is not known, and octets above 127 without a declaration, are read as
 * UTF-8 where they are valid UTF-8, else as windows-1252, and flagged. Never throws.
 */
export function decodeText(bytes: Buffer, charset: string, flags: Set<ParseFlag>): string {
  const name = charset === '' ? '' : charsetName(charset);
  if (SILENT.has(name)) return decodeUndeclared(bytes, flags);
  if (UTF8.has(name)) return decodeUtf8(bytes, flags);
  // A 7-bit code cannot hold these octets.
  if (name.startsWith('iso-2022-') && !isAscii(bytes) && isUtf8(bytes)) {
    flags.add('bad-encoding');
    return bytes.toString('utf8');
  }
  try {
    const text = decodeNamed(bytes, MEANT.get(name) ?? name, flags);
    if (text !== undefined) return checked(text, flags);
  } catch {
    flags.add('bad-encoding');
  }
  flags.add('unknown-charset');
  return detect(bytes, flags);
}

/** Lower case, without quotes, spaces and what else surrounds it; RFC 2231 §5 lets a language follow after `*`. */
function charsetName(charset: string): string {
  const name = charset.slice(0, 80).toLowerCase();
  const star = name.indexOf('*');
  return (star > 0 ? name.slice(0, star) : name).replace(/[^a-z0-9._:+-]/gu, '');
}

function decodeUndeclared(bytes: Buffer, flags: Set<ParseFlag>): string {
  if (isAscii(bytes)) {
    const text = bytes.toString('latin1');
    // RFC 1468: ISO-2022-JP is 7 bits wide and often undeclared.
    return text.includes(ESCAPE_SEQUENCE) ? checked(decodeIso2022Jp(bytes), flags) : text;
  }
  flags.add('undeclared-8bit');
  return detect(bytes, flags);
}

/** A replacement character stands for octets that could not be read. */
function checked(text: string, flags: Set<ParseFlag>): string {
  if (text.includes('\uFFFD')) flags.add('bad-encoding').add('unreadable-text');
  return text;
}

function detect(bytes: Buffer, flags: Set<ParseFlag>): string {
  return isUtf8(bytes) ? withoutMark(bytes.toString('utf8')) : guessed(bytes, flags);
}

/** It may as well be KOI8-R or Shift_JIS, whose words are then not found. */
function guessed(bytes: Buffer, flags: Set<ParseFlag>): string {
  flags.add('unreadable-text');
  return iconv.decode(bytes, 'windows-1252');
}

function decodeUtf8(bytes: Buffer, flags: Set<ParseFlag>): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  const text = withoutMark(bytes.toString('utf8'));
  if (isUtf8(bytes)) return text;
  flags.add('bad-encoding');
  return mostlyReplaced(text) ? guessed(bytes, flags) : checked(text, flags);
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** More replacement characters than other characters beyond ASCII: it was never UTF-8. */
function mostlyReplaced(text: string): boolean {
  let replaced = 0;
  let others = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0xfffd) replaced++;
    else if (unit >= 0x80) others++;
  }
  return replaced > others;
}

function decodeNamed(bytes: Buffer, name: string, flags: Set<ParseFlag>): string | undefined {
  if (name === 'hz-gb-2312') return iconv.decode(shifted(bytes, HZ), 'gbk');
  if (name === 'iso-2022-kr') return iconv.decode(shifted(bytes, ISO_2022_KR), 'euc-kr');
  if (name.startsWith('iso-2022-jp')) return decodeIso2022Jp(bytes);
  if (NO_CHARSETS.has(name) || !iconv.encodingExists(name)) return undefined;
  return decodeUtf16(bytes, name, flags) ?? iconv.decode(bytes, name);
}

/** An escape sequence of three characters, and another right behind it. */
const DOUBLE_ESCAPE = new RegExp(String.raw`(?:\u001b[$(][@A-J])+(\u001b[$(][@A-J])`, 'gu');

/** RFC 1468. An escape right behind another, as joined words have it, is an error to the standard decoder: only the last counts. */
function decodeIso2022Jp(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const single = text.replace(DOUBLE_ESCAPE, '$1');
  const decoder = new TextDecoder('iso-2022-jp');
  return decoder.decode(single.length === text.length ? bytes : Buffer.from(single, 'latin1'));
}

interface Shift {
  readonly into: readonly number[];
  readonly out: readonly number[];
  readonly header: string;
}

/** RFC 1843. */
const HZ: Shift = { into: [0x7e, 0x7b], out: [0x7e, 0x7d], header: '' };
/** RFC 1557. */
const ISO_2022_KR: Shift = { into: [0x0e], out: [0x0f], header: '\u001b$)C' };

/** The 8-bit form of a 7-bit code that shifts between ASCII and a two-octet set: the high bit is set between the shifts. */
function shifted(bytes: Buffer, { into, out, header }: Shift): Buffer {
  const result = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let inside = false;
  let at = header !== '' && bytes.toString('latin1', 0, header.length) === header ? header.length : 0;
  while (at < bytes.length) {
    const shift = inside ? out : into;
    if (standsAt(bytes, at, shift)) {
      inside = !inside;
      at += shift.length;
      continue;
    }
    const octet = bytes[at++] ?? 0;
    result[length++] = inside && octet > 0x20 ? octet | 0x80 : octet;
  }
  return result.subarray(0, length);
}

function standsAt(bytes: Buffer, at: number, octets: readonly number[]): boolean {
  return bytes[at] === octets[0] && (octets.length === 1 || bytes[at + 1] === octets[1]);
}
