import { domainToUnicode } from 'node:url';
import { streamSafe } from '#kernel';
import { analyzeAscii, TOKEN_UNITS_MAX } from './ascii-analyzer.ts';
import { APOSTROPHE_LIKE } from './seams.ts';

/** Changes whenever the same message would give other tokens, read or analysed otherwise; stored with every index. */
export const analyzerVersion = 9;

/**
 * The tokens of a text, joined by one space; empty when it has none. Texts and queries go through the same.
 *
 * Unicode NFKC, case and the marks of Latin, Greek and Cyrillic folded; a run of letters, marks and digits is a token; each
 * character of a script that is written without spaces is one; an apostrophe within a word is dropped, and so is what has no
 * appearance; a host in Punycode is the host that it encodes; all else divides.
 */
export function analyze(text: string): string {
  return analyzeAscii(text)?.tokens ?? divide(fold(withHostsDecoded(text)));
}

/** RFC 5891 §2.3.2.1: a label has 63 octets at most. Where a word goes on, none begins. */
const PUNYCODE_LABEL = /(?<![a-z0-9'`-])xn--[a-z0-9-]{1,59}(?![a-z0-9-])/giu;

/** The labels in Punycode, as they stand there. */
export function hostsIn(text: string): readonly string[] {
  return text.match(PUNYCODE_LABEL) ?? [];
}

/** Hosts as people see them: the same whether they were written in Punycode or not. */
function withHostsDecoded(text: string): string {
  if (!text.includes('n--') && !text.includes('N--')) return text;
  return text.replace(PUNYCODE_LABEL, (label) => domainToUnicode(label) || label);
}

// Combining marks of the alphabets whose letters count with and without them, and those for any letter; then what has no
// appearance of its own (soft hyphen, joiners, zero-width and direction characters, variation selectors), and enclosing marks.
const MARKS = String.raw`\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\p{Me}`;
const DROPPED = new RegExp(`[${MARKS}\\p{Default_Ignorable_Code_Point}]`, 'gu');
/** What decomposing would turn into something else: accents that stand for apostrophes into spaces, blanks into nothing. */
const MISLEADING = /[\u00b4\u1fbd\u1fbf\u1ffd\u1ffe]|([\u3164\uffa0]|\u115f(?![\u1160-\u11ff]))/gu;
/** Signs that are words by themselves, though they become letters: the one before a number, and letters in squares. */
const SIGNS = /[\u2116\u{1f100}-\u{1f12e}\u{1f130}-\u{1f16c}\u{1f190}\u{1f200}-\u{1f251}]+/gu;
const APOSTROPHE_WITHIN = /(?<=[\p{L}\p{M}\p{N}])'(?=[\p{L}\p{M}\p{N}])/gu;

/**
 * Decomposed to drop marks, then composed again, so that Hangul and kana are whole characters. Runs of marks are bounded before
 * both: what is dropped may have parted two of them.
 */
function fold(text: string): string {
  const folded = streamSafe(text)
    .replace(SIGNS, ' $& ')
    .replace(MISLEADING, (_, blank: string | undefined) => (blank === undefined ? "'" : ' '))
    .normalize('NFKD')
    .replace(APOSTROPHE_LIKE, "'")
    .toLowerCase()
    .replace(DROPPED, '')
    .replace(/ß/gu, 'ss')
    .replace(/ς/gu, 'σ')
    .replace(APOSTROPHE_WITHIN, '');
  return streamSafe(folded).normalize('NFC');
}

type CharacterClass = typeof DIVIDER | typeof LETTER | typeof MARK | typeof ALONE;
const DIVIDER = 1;
/** Begins a token or continues it. */
const LETTER = 2;
/** Continues a token, never begins one. */
const MARK = 3;
/** A token by itself: scripts without spaces between words. */
const ALONE = 4;

const SPACELESS = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;

function classify(character: string): CharacterClass {
  if (!/[\p{L}\p{M}\p{N}]/u.test(character)) return DIVIDER;
  if (SPACELESS.test(character)) return ALONE;
  return /\p{M}/u.test(character) ? MARK : LETTER;
}

/** Filled as characters are met; 0 where none was yet. */
const known = new Uint8Array(0x10_000);

function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if ((code & 0xf800) === 0xd800) return classify(String.fromCodePoint(text.codePointAt(at) ?? 0));
  const kept = known[code] ?? 0;
  if (kept !== 0) return kept;
  return (known[code] = classify(String.fromCharCode(code)));
}

/** The tokens of a folded text. */
function divide(text: string): string {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    const kind = classAt(text, at);
    const end = kind === LETTER ? endOfRun(text, at) : next(text, at);
    if (kind === LETTER || kind === ALONE) tokens.push(text.slice(at, end));
    at = end;
  }
  return tokens.join(' ');
}

/** Marks stay with their letter, even beyond the limit, but not without end. */
function endOfRun(text: string, start: number): number {
  let at = next(text, start);
  while (at < text.length && at - start < 2 * TOKEN_UNITS_MAX) {
    const kind = classAt(text, at);
    if (kind !== MARK && (kind !== LETTER || at - start >= TOKEN_UNITS_MAX)) return at;
    at = next(text, at);
  }
  return at;
}

function next(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? at + 2 : at + 1;
}
