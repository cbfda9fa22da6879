import type { ParseFlag } from '#kernel';
import { lineEndAt, nextLineAt } from './octets.ts';
import { decodeBase64 } from './transfer-encoding.ts';

/** A file that stands in a text body between `begin` and `end` (POSIX uuencode). */
export interface UuencodedFile {
  readonly name: string;
  /** Where its `begin` line starts and the text after its `end` line. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  /** It is small, or its lines are not just as they should be: it may be text, and stays where it stands as well. */
  readonly isInDoubt: boolean;
  /** What in its lines may be words to those whose mail program shows them as they stand. */
  readonly words: string;
}

/** A `begin` line whose encoded lines have no end: what they hold is not read. */
const UNTERMINATED = 'unterminated';

const NOTHING = Buffer.alloc(0);
const BEGIN = Buffer.from('begin', 'latin1');
const BEGIN_LINE = /^begin(-base64)? [0-7]{3,4} (.{1,255})$/u;
const END_LINE = /^end[ \t]*$/u;
const BASE64_END_LINE = /^====[ \t]*$/u;
const BASE64_LINE = /^[A-Za-z0-9+/]{1,998}={0,2}[ \t]*$/u;
/** Below this, lines of letters may be what they seem. */
const CERTAIN_BYTES_MIN = 1024;
/** Characters of the code, the space and the grave accent for nothing included. */
const CODE = /^[ -`]*$/u;
/** Spaces that were lost at a line's end. */
const LOST_MAX = 8;
const WORDS = /[A-Z]{4,}/gu;
/** Octets of a line that are looked at. */
const LINE_MAX = 1000;

type Found = UuencodedFile | typeof UNTERMINATED | undefined;

export interface Uuencoded {
  readonly files: readonly UuencodedFile[];
  readonly isUnterminated: boolean;
}

/** The uuencoded files in a text, in order. A `begin` without encoded lines behind it is ordinary text. One pass. */
export function findUuencoded(bytes: Buffer): Uuencoded {
  const files: UuencodedFile[] = [];
  let isUnterminated = false;
  let at = 0;
  while ((at = bytes.indexOf(BEGIN, at)) >= 0) {
    const atLineStart = at === 0 || bytes[at - 1] === 0x0a || bytes[at - 1] === 0x0d;
    const found = atLineStart ? readFile(bytes, at) : undefined;
    at += BEGIN.length;
    if (found === UNTERMINATED) isUnterminated = true;
    else if (found !== undefined) {
      files.push(found);
      at = Math.max(at, found.end);
    }
  }
  return { files, isUnterminated };
}

/** Octets of a whole uuencoded content; the octets as they are where it is none. */
export function decodeUuencode(content: Buffer, flags: Set<ParseFlag>): Buffer {
  const { files, isUnterminated } = findUuencoded(content);
  if (isUnterminated) flags.add('unreadable-text');
  return files[0]?.bytes ?? content;
}

function readFile(bytes: Buffer, start: number): Found {
  const lineEnd = lineEndAt(bytes, start, Math.min(bytes.length, start + 300));
  const begin = BEGIN_LINE.exec(bytes.toString('latin1', start, lineEnd));
  if (begin === null) return undefined;
  const first = nextLineAt(bytes, lineEnd, bytes.length);
  const lines = begin[1] === undefined ? readLines(bytes, first) : readBase64Lines(bytes, first);
  if (typeof lines !== 'object') return lines;
  const isInDoubt = lines.isInDoubt || lines.bytes.length < CERTAIN_BYTES_MIN;
  const words = isInDoubt || begin[1] !== undefined ? '' : wordsIn(bytes.toString('latin1', first, lines.end));
  return { name: (begin[2] ?? '').trim(), start, ...lines, isInDoubt, words };
}

function wordsIn(lines: string): string {
  return (lines.match(WORDS) ?? []).join(' ');
}

type Lines = Pick<UuencodedFile, 'bytes' | 'end' | 'isInDoubt'> | typeof UNTERMINATED | undefined;

function readLines(bytes: Buffer, first: number): Lines {
  const pieces: Buffer[] = [];
  let isInDoubt = false;
  let line = first;
  while (line < bytes.length) {
    const end = lineEndAt(bytes, line, Math.min(bytes.length, line + 100));
    const next = nextLineAt(bytes, end, bytes.length);
    if (END_LINE.test(bytes.toString('latin1', line, end)))
      return { end: next, bytes: Buffer.concat(pieces), isInDoubt };
    const piece = decodeLine(bytes, line, end);
    if (piece === undefined) break;
    if (piece.length > 0) pieces.push(piece);
    isInDoubt ||= piece.length > 0 && !isEncodedLine(bytes, line);
    line = next;
  }
  return isEncodedLine(bytes, first) ? UNTERMINATED : undefined;
}

function readBase64Lines(bytes: Buffer, first: number): Lines {
  let isInDoubt = false;
  let line = first;
  while (line < bytes.length) {
    const end = lineEndAt(bytes, line, Math.min(bytes.length, line + LINE_MAX));
    const next = nextLineAt(bytes, end, bytes.length);
    const text = bytes.toString('latin1', line, end);
    if (BASE64_END_LINE.test(text))
      return { end: next, bytes: decodeBase64(bytes.subarray(first, line), new Set()), isInDoubt };
    if (text !== '' && !BASE64_LINE.test(text)) break;
    isInDoubt ||= text.trimEnd().length % 4 !== 0;
    line = next;
  }
  return line > first ? UNTERMINATED : undefined;
}

/** Whether a line has just as many characters as its first one says, and none that the code lacks. */
function isEncodedLine(bytes: Buffer, line: number): boolean {
  const text = bytes.toString('latin1', line, lineEndAt(bytes, line, Math.min(bytes.length, line + 100)));
  const count = text.charCodeAt(0) - 0x20;
  return /^[ -`]{5,}$/u.test(text) && count < 64 && text.length === 1 + Math.ceil(count / 3) * 4;
}

/** The first character counts the octets; each four characters carry three. */
function decodeLine(bytes: Buffer, line: number, end: number): Buffer | undefined {
  const count = (((bytes[line] ?? 0x20) - 0x20) & 0x3f) >>> 0;
  const expected = Math.ceil(count / 3) * 4;
  // Trailing spaces are often lost; one checksum character may follow.
  if (end === line) return NOTHING;
  const lacking = expected + 1 - (end - line);
  if (lacking < -1 || lacking > LOST_MAX || !CODE.test(bytes.toString('latin1', line, end))) return undefined;
  const out = Buffer.allocUnsafe(Math.ceil(count / 3) * 3);
  for (let group = 0; group * 4 < expected; group++) {
    const at = line + 1 + group * 4;
    const bits = (six(bytes, at, end) << 18) | (six(bytes, at + 1, end) << 12) | (six(bytes, at + 2, end) << 6);
    out.writeUIntBE(bits | six(bytes, at + 3, end), group * 3, 3);
  }
  return out.subarray(0, count);
}

function six(bytes: Buffer, at: number, end: number): number {
  return at < end ? ((bytes[at] ?? 0x20) - 0x20) & 0x3f : 0;
}
