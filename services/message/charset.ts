import type { ParseFlag } from '#kernel';
import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { charsetName, type CharsetKind } from './charset-name.ts';
import { eatsLetters, isMisdeclaredUtf8 } from './misdeclared.ts';
import { decodeUtf16 } from './utf16.ts';

const ESCAPE_SEQUENCE = '\u001b$';

/** U+202E and U+202D, which no language needs: what follows is shown in another order than it is written in. */
const OVERRIDE = /[\u202d\u202e]/u;

/**
 * Text of octets in a declared charset. A name that is not known, and octets above 127 without a declaration, are read as
 * UTF-8 where they are valid UTF-8, else as windows-1252, and flagged. Never throws.
 */
export function decodeText(bytes: Buffer, charset: string, flags: Set<ParseFlag>): string {
  const { kind, name } = charsetName(charset);
  const text = kind === 'silent' ? decodeUndeclared(bytes, flags) : decodeDeclared(bytes, kind, name, flags);
  if (OVERRIDE.test(text)) flags.add('unreadable-text');
  return text;
}

function decodeDeclared(bytes: Buffer, kind: CharsetKind, name: string, flags: Set<ParseFlag>): string {
  if (kind === 'utf-8') return decodeUtf8(bytes, flags);
  // A 7-bit code cannot hold these octets.
  if (name.startsWith('iso2022') && !isAscii(bytes) && isUtf8(bytes)) {
    flags.add('bad-encoding');
    return bytes.toString('utf8');
  }
  try {
    if (kind === 'named') return checked(decodeNamed(bytes, name, flags), flags);
  } catch {
    flags.add('bad-encoding');
  }
  flags.add('unknown-charset');
  return detect(bytes, flags);
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

function decodeNamed(bytes: Buffer, name: string, flags: Set<ParseFlag>): string {
  if (name === 'hzgb2312') return iconv.decode(shifted(withoutTildes(bytes), HZ), 'gbk');
  if (name === 'iso2022kr') return iconv.decode(shifted(bytes, ISO_2022_KR), 'euckr');
  if (name.startsWith('iso2022jp')) return decodeIso2022Jp(bytes);
  if (isMisdeclaredUtf8(bytes, name) || eatsLetters(bytes, name)) flags.add('unreadable-text');
  const text = decodeUtf16(bytes, name, flags) ?? iconv.decode(bytes, name);
  return name === 'utf7' ? bothReadings(text, bytes) : text;
}

/** RFC 2152. Most mail programs show such text as it stands. */
function bothReadings(text: string, bytes: Buffer): string {
  const written = bytes.toString('latin1');
  return text === written ? text : `${text}\n${written}`;
}

/** RFC 1843: `~~` is a tilde, and one at the end of a line joins it with the next. */
function withoutTildes(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/~(?:~|\r?\n)/gu, (written) => (written === '~~' ? '~' : ''));
  return text.length === bytes.length ? bytes : Buffer.from(text, 'latin1');
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
