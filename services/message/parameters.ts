import { decodeText } from './charset.ts';
import { decodeEncodedWords } from './encoded-word.ts';
import type { ParseFlag } from './parsed-message.ts';
import { decodeQuotedPrintable } from './transfer-encoding.ts';

/** A structured value with parameters, such as Content-Type (RFC 2045 §5.1). */
export interface ParameterisedValue {
  /** Lower case, without comments. */
  readonly value: string;
  /** Decoded; names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** More than this many parameters of one field is an attack. */
const PARAMETERS_MAX = 1000;

/** RFC 2231 §3: `name*0*`, `name*1` … are pieces of `name`. */
interface Piece {
  readonly index: number;
  readonly encoded: boolean;
  readonly text: string;
}

export function parseParameters(text: string, flags: Set<ParseFlag>): ParameterisedValue {
  const segments = splitSegments(text);
  const value = withoutComment((segments[0] ?? '').trim()).toLowerCase();
  const parameters = new Map<string, string>();
  const pieces = new Map<string, Piece[]>();
  for (const segment of segments.slice(1, PARAMETERS_MAX)) readParameter(segment, parameters, pieces, flags);
  for (const [name, found] of pieces) {
    const plain = parameters.get(name);
    const extended = joinPieces(found, flags);
    if (plain !== undefined && plain !== extended) parameters.set(plainNameOf(name), plain);
    parameters.set(name, extended);
  }
  return { value, parameters };
}

/** Where `name=…` is kept beside a `name*=…` that says something else (RFC 6266 §4.3 has both); no written name ends so. */
export function plainNameOf(name: string): string {
  return `${name}*`;
}

function readParameter(
  segment: string,
  parameters: Map<string, string>,
  pieces: Map<string, Piece[]>,
  flags: Set<ParseFlag>,
): void {
  const equals = segment.indexOf('=');
  if (equals <= 0) return;
  const name = segment.slice(0, equals).trim().toLowerCase();
  if (name === '') return;
  const written = segment.slice(equals + 1).trim();
  const isToken = !written.startsWith('"') && !FILE_NAMES.has(name.split('*', 1)[0] ?? '');
  const text = isToken ? withoutComment(written) : unquoted(written);
  const star = name.indexOf('*');
  if (star > 0) {
    const base = name.slice(0, star);
    const found = pieces.get(base);
    const piece = pieceOf(name.slice(star), text);
    if (found === undefined) pieces.set(base, [piece]);
    else found.push(piece);
    return;
  }
  const decoded = decodeEncodedWords(text, flags);
  const before = parameters.get(name);
  if (before === undefined) parameters.set(name, decoded);
  else if (before !== decoded) flags.add('ambiguous-structure');
}

function pieceOf(suffix: string, text: string): Piece {
  const encoded = suffix.endsWith('*');
  const index = Number.parseInt(suffix.slice(1), 10);
  return { index: Number.isNaN(index) ? 0 : index, encoded, text };
}

function joinPieces(pieces: Piece[], flags: Set<ParseFlag>): string {
  const ordered = pieces.sort((one, other) => one.index - other.index);
  let charset = '';
  const octets = ordered.map((piece, position) => {
    if (!piece.encoded) return Buffer.from(piece.text, 'utf8');
    let text = piece.text;
    // RFC 2231 §4: the first piece begins with charset'language'.
    const languageAt = position === 0 ? text.indexOf("'") : -1;
    const textAt = languageAt < 0 ? -1 : text.indexOf("'", languageAt + 1);
    if (textAt >= 0) {
      charset = text.slice(0, languageAt);
      text = text.slice(textAt + 1);
    }
    return percentDecoded(text, flags);
  });
  const decoded = decodeText(Buffer.concat(octets), charset, flags);
  return charset === '' ? decodeEncodedWords(decoded, flags) : decoded;
}

/** `%41` is `=41` in another dress. */
function percentDecoded(text: string, flags: Set<ParseFlag>): Buffer {
  const octets = Buffer.from(text.replaceAll('=', '%3D').replaceAll('%', '='), 'utf8');
  return decodeQuotedPrintable(octets, flags);
}

/** Splits at semicolons outside quotes, in one pass. */
function splitSegments(text: string): string[] {
  if (!text.includes('"')) return text.split(';', PARAMETERS_MAX);
  const segments: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') quoted = !quoted;
    else if (quoted && character === '\\') at++;
    else if (!quoted && character === ';') {
      segments.push(text.slice(start, at));
      start = at + 1;
    }
  }
  segments.push(text.slice(start));
  return segments;
}

/** A token ends where a comment begins (RFC 822 §3.4.3). File names are spared: unquoted ones with parentheses are common. */
function withoutComment(text: string): string {
  const comment = text.indexOf('(');
  return comment < 0 ? text : text.slice(0, comment).trim();
}

const FILE_NAMES = new Set(['name', 'filename']);

/** RFC 5322 §3.2.4; quotes that are never closed are taken as closed at the end. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const last = text.lastIndexOf('"');
  const close = last > 0 ? last : text.length;
  const inner = text.slice(1, close);
  return inner.includes('\\') ? inner.replace(/\\(["\\])/gu, '$1') : inner;
}
