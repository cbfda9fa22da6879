import { lineEndAt, nextLineAt } from './octets.ts';

/** A file that stands in a text body between `begin` and `end` (POSIX uuencode). */
export interface UuencodedFile {
  readonly name: string;
  /** Where its `begin` line starts and the text after its `end` line. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);
const BEGIN = Buffer.from('begin ', 'latin1');
const BEGIN_LINE = /^begin [0-7]{3,4} (.{1,255})$/u;

/** The uuencoded files in a text, in order. A `begin` without encoded lines and `end` behind it is ordinary text. One pass. */
export function findUuencoded(bytes: Buffer): UuencodedFile[] {
  const files: UuencodedFile[] = [];
  let at = 0;
  while ((at = bytes.indexOf(BEGIN, at)) >= 0) {
    const atLineStart = at === 0 || bytes[at - 1] === 0x0a || bytes[at - 1] === 0x0d;
    const file = atLineStart ? readFile(bytes, at) : undefined;
    if (file !== undefined && file.end > 0) files.push(file);
    at = Math.max(at + BEGIN.length, file?.end ?? 0);
  }
  return files;
}

/** Octets of a whole uuencoded content; the octets as they are where it is none. */
export function decodeUuencode(content: Buffer): Buffer {
  return findUuencoded(content)[0]?.bytes ?? content;
}

function readFile(bytes: Buffer, start: number): UuencodedFile | undefined {
  const lineEnd = lineEndAt(bytes, start, Math.min(bytes.length, start + 300));
  const name = BEGIN_LINE.exec(bytes.toString('latin1', start, lineEnd))?.[1];
  if (name === undefined) return undefined;
  const pieces: Buffer[] = [];
  let line = nextLineAt(bytes, lineEnd, bytes.length);
  while (line < bytes.length) {
    const end = lineEndAt(bytes, line, Math.min(bytes.length, line + 100));
    const next = nextLineAt(bytes, end, bytes.length);
    if (end - line === 3 && bytes.toString('latin1', line, end) === 'end') {
      return { name: name.trim(), start, end: next, bytes: Buffer.concat(pieces) };
    }
    const piece = decodeLine(bytes, line, end);
    if (piece === undefined) return undefined;
    if (piece.length > 0) pieces.push(piece);
    line = next;
  }
  return undefined;
}

/** The first character counts the octets; each four characters carry three. */
function decodeLine(bytes: Buffer, line: number, end: number): Buffer | undefined {
  const count = (((bytes[line] ?? 0x20) - 0x20) & 0x3f) >>> 0;
  const expected = Math.ceil(count / 3) * 4;
  // Trailing spaces are often lost; one checksum character may follow.
  if (end === line || end - line - 1 > expected + 1) return end === line ? NOTHING : undefined;
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
