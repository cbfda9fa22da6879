import iconv from 'iconv-lite';
import { wordSet } from './word-set.ts';

/** Names that say nothing about the octets: these count as undeclared. */
const SILENT = canonicalSet(`
  us-ascii ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us iso-ir-6 646 us 7bit 8bit x-unknown
  unknown unknown-8bit x-user-defined default default_charset none binary x-ascii
`).add('');
const UTF8 = canonicalSet('utf-8 unicode-1-1-utf-8 x-utf-8 utf-8-mac x-unicode-2-0-utf-8');
/** What a name stands for in mail, where it is not what the standard of that name says (as the WHATWG Encoding Standard has it). */
const MEANT = new Map(
  [
    ...['iso-8859-1', 'latin1', 'l1', 'cp1252', 'x-ansi', 'ansi'].map((name) => [name, 'windows-1252'] as const),
    ['iso-8859-9', 'windows-1254'] as const,
    ['iso-8859-11', 'windows-874'] as const,
    ['iso-8859-8-i', 'windows-1255'] as const,
    ['iso-8859-8-e', 'iso-8859-8'] as const,
    ['x-gbk', 'gbk'] as const,
    ['x-sjis', 'shift_jis'] as const,
    ['x-euc-jp', 'euc-jp'] as const,
    ['x-mac-roman', 'macintosh'] as const,
    ['x-mac-cyrillic', 'maccyrillic'] as const,
    ['unicode-1-1-utf-7', 'utf-7'] as const,
    ['hz', 'hz-gb-2312'] as const,
  ].map(([name, meant]) => [canonical(name), canonical(meant)] as const),
);
/** What `iconv-lite` knows and is no charset of mail: transfer encodings, its own names, and what RFC 3501 made for mailboxes. */
const NO_CHARSETS = new Set(['hex', 'base64', 'binary', 'utf7imap']);
/** Charsets that `charset.ts` decodes itself. */
const OWN = /^(?:hzgb2312|iso2022kr|iso2022jp[a-z0-9]{0,8})$/u;

/** `silent`: as if none were declared; `unknown`: it is no name of a charset. */
export type CharsetKind = 'silent' | 'utf-8' | 'named' | 'unknown';

export interface CharsetName {
  readonly kind: CharsetKind;
  /** Letters and digits only, in lower case, as `iconv-lite` compares names: one charset has one name here. */
  readonly name: string;
}

const SILENCE: CharsetName = { kind: 'silent', name: '' };

/** What a declared name means; RFC 2231 §5 lets a language follow after `*`. */
export function charsetName(declared: string): CharsetName {
  if (declared === '') return SILENCE;
  const star = declared.indexOf('*');
  const written = canonical((star > 0 ? declared.slice(0, star) : declared).slice(0, 80));
  const name = MEANT.get(written) ?? written;
  return { kind: kindOf(name), name };
}

function kindOf(name: string): CharsetKind {
  if (SILENT.has(name)) return 'silent';
  if (UTF8.has(name)) return 'utf-8';
  if (OWN.test(name)) return 'named';
  return NO_CHARSETS.has(name) || !iconv.encodingExists(name) ? 'unknown' : 'named';
}

/** The comparison of `iconv-lite`, a year at the end included; all other comparisons of names must be the same. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/gu, '');
}

function canonicalSet(names: string): Set<string> {
  return new Set([...wordSet(names)].map(canonical));
}
