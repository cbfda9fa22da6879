import type { ParseFlag } from '#kernel';
import { decodeText } from './charset.ts';
import { decodeEncodedWords } from './encoded-word.ts';
import { decodeQuotedPrintable } from './transfer-encoding.ts';

/** A structured value with parameters, such as Content-Type (RFC 2045 §5.1). */
export interface ParameterisedValue {
  /** Lower case, without comments. */
  readonly value: string;
  /** Decoded; names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

interface Joined {
  readonly text: string;
  readonly hasCharset: boolean;
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
  const [first = '', ...segments] = splitSegments(withoutLeadingComments(text));
  const { value, parameter } = splitFirst(first.trim());
  const parameters = new Map<string, string>();
  const pieces = new Map<string, Piece[]>();
  const written = parameter === '' ? segments : [parameter, ...segments];
  const all = written.slice(0, PARAMETERS_MAX).flatMap(splitUnparted);
  // Readers differ: some see no value, or no parameter, there.
  if (all.length > segments.length || (value === '' && all.length > 0)) flags.add('ambiguous-structure');
  if (all.some(mayName)) flags.add('ambiguous-structure');
  for (const segment of all) readParameter(segment, parameters, pieces, flags);
  for (const [name, found] of pieces) addExtended(name, found, parameters, flags);
  return { value: withoutComment(value).toLowerCase(), parameters };
}

/** `size=3 filename=x`, without a semicolon between. */
function splitUnparted(segment: string): string[] {
  const [, own, name] = UNPARTED_NAME.exec(segment) ?? [];
  return own === undefined || name === undefined || NAME.test(own) ? [segment] : [own, name];
}

/** `filename: x`, `"filename"=x`: a reader may see a name in what is no parameter. */
function mayName(segment: string): boolean {
  return NAMING.test(segment) && !TOKEN.test(segment.slice(0, Math.max(0, segment.indexOf('='))).trim());
}

/** What stands before the first semicolon: a value, and a parameter that should stand behind one (`filename=x`, `attachment filename=x`). */
function splitFirst(first: string): { value: string; parameter: string } {
  const [, value = '', parameter = ''] = MISPLACED_PARAMETER.exec(first) ?? [];
  return parameter === '' ? { value: first, parameter } : { value, parameter };
}

function addExtended(name: string, pieces: Piece[], parameters: Map<string, string>, flags: Set<ParseFlag>): void {
  const plain = parameters.get(name);
  const { text, hasCharset } = joinPieces(pieces, flags);
  const extended = hasCharset ? text : readable(name, text, flags);
  if (plain === undefined) parameters.set(name, extended);
  else if (plain !== extended) {
    parameters.set(plainNameOf(name), plain);
    if (name !== BOUNDARY) parameters.set(name, extended);
    else flags.add('ambiguous-structure');
  }
  // Readers that know no extended parameters see no boundary.
  if (name === BOUNDARY && pieces.some(({ encoded }) => encoded)) flags.add('ambiguous-structure');
}

/** RFC 2047 §5 allows no encoded words here. Names have them all the same; a boundary stands for itself. */
function readable(name: string, text: string, flags: Set<ParseFlag>): string {
  return name === BOUNDARY ? text : decodeEncodedWords(text, flags);
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
  const name = segment.slice(0, Math.max(0, equals)).trim().toLowerCase();
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
  const decoded = readable(name, text, flags);
  const before = parameters.get(name);
  if (before === undefined) parameters.set(name, decoded);
  else if (before !== decoded) flags.add('ambiguous-structure');
}

function pieceOf(suffix: string, text: string): Piece {
  const encoded = suffix.endsWith('*');
  const index = Number.parseInt(suffix.slice(1), 10);
  return { index: Number.isNaN(index) ? 0 : index, encoded, text };
}

function joinPieces(pieces: Piece[], flags: Set<ParseFlag>): Joined {
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
  return { text: decodeText(Buffer.concat(octets), charset, flags), hasCharset: charset !== '' };
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

/**
 * Text without the comments before its first parameter (RFC 2045 §5.1, RFC 5322 §3.2.2: they nest, and have quoted pairs).
 * One that is not closed is left as it stands.
 */
function withoutLeadingComments(text: string): string {
  if (!LEADING_COMMENT.test(text)) return text;
  let depth = 0;
  let out = '';
  for (const { 0: piece, index } of text.matchAll(PIECE)) {
    if (depth === 0 && (piece === ';' || piece === '"')) return out + text.slice(index);
    if (piece === '(') depth++;
    else if (depth === 0) out += piece;
    else if (piece === ')') depth--;
  }
  return depth === 0 ? out : text;
}

/** A value or none, and a parameter behind white space or a comma. */
const MISPLACED_PARAMETER = /^(?:([^\s=,:"]+)[\s,:]+)?([^\s=/,:"]+\s*=[^]*)$/u;
const UNPARTED_NAME = /^([^=]+=\s*(?:"[^"]*"|[^\s"]+))[\s,]+((?:file)?name[*\d]*\s*=[^]*)$/iu;
/** A file's name, unquoted, may have spaces, and all else in it. */
const NAME = /^\s*(?:file)?name[*\d]*\s*=\s*[^"\s]/iu;
/** RFC 2045 §5.1. */
const TOKEN = /^[^\s()<>@,;:'\\"/[\]?=]+$/u;
/** What gives, or may give, a file's name. */
const NAMING = /name|\.[a-z0-9]/iu;
const LEADING_COMMENT = /^[^;(]*\(/u;
/** A quoted pair, a sign that matters, or what stands between these. */
const PIECE = /\\[^]?|[();"]|[^\\();"]+/gu;
const BOUNDARY = 'boundary';
const FILE_NAMES = new Set(['name', 'filename']);

/** RFC 5322 §3.2.4; quotes that are never closed are taken as closed at the end. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const last = text.lastIndexOf('"');
  const close = last > 0 ? last : text.length;
  const inner = text.slice(1, close);
  return inner.includes('\\') ? inner.replace(/\\(["\\])/gu, '$1') : inner;
}
