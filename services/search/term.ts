import { bitsIn } from './bits.ts';
import { editDistance } from './edit-distance.ts';
import { SIGN } from './named-text.ts';

/**
 * What stands at one place of a phrase: a token, or a pattern that tokens match, written in the letters of the analyzer. `*`: any
 * characters, or none; `?`: exactly one; `~1` or `~2` at its end: at most so many edits away. No token has one of these signs.
 */
export type Term = string;

/** Edits as `editDistance` counts them. */
export interface FuzzyTerm {
  /** What the token begins with unedited: the name of what it is searched in (`named-text.ts`). */
  readonly prefix: string;
  readonly token: string;
  readonly edits: number;
}

export function isPattern(term: Term): boolean {
  return /[*?~]/u.test(term);
}

export function fuzzyTerm(term: Term): FuzzyTerm | undefined {
  const at = term.indexOf('~');
  if (at < 0) return undefined;
  const begin = term.lastIndexOf(SIGN, at) + 1;
  return { prefix: term.slice(0, begin), token: term.slice(begin, at), edits: Number(term.slice(at + 1)) };
}

/** The token that all that match begin with, where that is all they have in common: `fraud` of `fraud*`. */
export function prefixOf(term: Term): string | undefined {
  return term.endsWith('*') && !isPattern(term.slice(0, -1)) ? term.slice(0, -1) : undefined;
}

/** What every token that matches begins with; empty where nothing is certain. */
export function beginningOf(term: Term): string {
  return fuzzyTerm(term)?.prefix ?? /^[^*?]*/u.exec(term)?.[0] ?? '';
}

/** Judges tokens, and takes no longer than the product of both lengths. Never true of an empty token. */
export function matcherOf(term: Term): (token: string) => boolean {
  const fuzzy = fuzzyTerm(term);
  if (fuzzy !== undefined) return fuzzyMatcher(fuzzy);
  return isPattern(term) ? wildcardMatcher(term) : (token) => token === term;
}

const ANY_CHARACTER = -1;

function wildcardMatcher(pattern: string): (token: string) => boolean {
  const prefix = prefixOf(pattern);
  if (prefix !== undefined) return (token) => token.startsWith(prefix);
  const needed = longestLiteral(pattern);
  const isMatch = piecesMatcher(pattern);
  // Of most words of a language the first says that they are none.
  return (token) => token.includes(needed) && isMatch(token);
}

/** Its pieces between asterisks: the first at the beginning, the last at the end, the others as early as they can be. */
function piecesMatcher(pattern: string): (token: string) => boolean {
  const pieces = pattern.split('*').map(codesOf);
  const [first = [], ...later] = pieces;
  const last = later.pop();
  return (token) => {
    const codes = codesOf(token);
    if (last === undefined) return codes.length === first.length && standsAt(first, codes, 0);
    const end = codes.length - last.length;
    if (end < first.length || !standsAt(first, codes, 0) || !standsAt(last, codes, end)) return false;
    let from = first.length;
    for (const piece of later) {
      let at = from;
      while (at + piece.length <= end && !standsAt(piece, codes, at)) at += 1;
      if (at + piece.length > end) return false;
      from = at + piece.length;
    }
    return true;
  };
}

function longestLiteral(pattern: string): string {
  return pattern.split(/[*?]/u).reduce((longest, piece) => (piece.length > longest.length ? piece : longest));
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => (character === '?' ? ANY_CHARACTER : (character.codePointAt(0) ?? 0)));
}

function standsAt(piece: readonly number[], codes: readonly number[], at: number): boolean {
  return piece.every((code, place) => code === ANY_CHARACTER || code === codes[at + place]);
}

function fuzzyMatcher({ prefix, ...fuzzy }: FuzzyTerm): (token: string) => boolean {
  const isNear = editsMatcher(fuzzy);
  return prefix === '' ? isNear : (token) => token.startsWith(prefix) && isNear(token.slice(prefix.length));
}

function editsMatcher({ token: wanted, edits }: Omit<FuzzyTerm, 'prefix'>): (token: string) => boolean {
  const codes = codesOf(wanted);
  const letters = lettersOf(wanted);
  // Of characters beyond the BMP there are fewer than units.
  const unitsMax = 2 * (codes.length + edits);
  return (token) => {
    if (token.length < codes.length - edits || token.length > unitsMax) return false;
    const others = lettersOf(token);
    // An edit takes one letter away at most, and brings one.
    if (bitsIn(letters & ~others) > edits || bitsIn(others & ~letters) > edits) return false;
    const found = codesOf(token);
    return Math.abs(found.length - codes.length) <= edits && editDistance(codes, found, edits) <= edits;
  };
}

/** Which characters of the BMP it has, as 32 bits: several characters have the same. */
function lettersOf(token: string): number {
  let letters = 0;
  for (let at = 0; at < token.length; at++) {
    const unit = token.charCodeAt(at);
    if (unit < FIRST_SURROGATE || unit > LAST_SURROGATE) letters |= 1 << (unit & 31);
  }
  return letters;
}

const [FIRST_SURROGATE, LAST_SURROGATE] = [0xd800, 0xdfff];
