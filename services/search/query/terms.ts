import { analyze } from '../analyzer.ts';
import { isPattern, type Term } from '../term.ts';
import { queryFault } from './query-fault.ts';
import { queryLimits } from './query-limits.ts';
import { valueAt, type ValueToken } from './token.ts';

const WILDCARD = /[*?]/u;
/** Also as other query languages write it: word~0.8, word~AUTO. */
const FUZZY = /^(.*)~(|[\d.]+|auto)$/isu;

/** The terms of a word or of what stands in quotes: at least one. @throws SearchFault `query-invalid` */
export function termsOf(token: ValueToken): readonly Term[] {
  const fuzzy = token.kind === 'word' ? FUZZY.exec(token.text) : null;
  if (fuzzy !== null) return [fuzzyTerm(token, fuzzy[1] ?? '', fuzzy[2] ?? '')];
  const text = withoutUrlSigns(token.text);
  const terms = patternsOf(text);
  // In a word, an asterisk that punctuation parts from the rest stands for anything before or behind it: *.csv, *@north.example.
  const wanted = token.kind === 'word' ? withoutOuter(terms) : terms;
  if (!wanted.some((term) => /[^*?]/u.test(term))) {
    const problem = `there is no letter and no digit in this ${token.kind}, so nothing can be searched for`;
    throw queryFault(token.at, problem, 'Write a word, or * alone for every message.');
  }
  refuseLongPattern(wanted, token);
  for (const term of wanted) refuseTerm(term, valueAt(token) + Math.max(0, text.search(WILDCARD)));
  return wanted;
}

function refuseLongPattern(terms: readonly Term[], { at }: ValueToken): void {
  if (terms.length <= queryLimits.patternTermsMax || !terms.some(isPattern)) return;
  const problem = `a phrase with wildcards has more than ${queryLimits.patternTermsMax} words`;
  throw queryFault(at, problem, 'Divide the phrase, or write AND between parts of it.');
}

function refuseTerm(term: Term, at: number): void {
  if (!/[^*?]/u.test(term)) {
    throw queryFault(at, 'this wildcard has no letter and no digit beside it', 'Put it in a word, or remove it.');
  }
  if (term.split(WILDCARD).length - 1 > queryLimits.wildcardsMax) {
    const problem = `more than ${queryLimits.wildcardsMax} wildcards in one word`;
    throw queryFault(at, problem, 'Write fewer of them: * stands for any number of characters.');
  }
}

/** Analysed as the text is: letters that are not in it stand in for wildcards meanwhile. */
function patternsOf(text: string): Term[] {
  if (!WILDCARD.test(text)) return tokensOf(analyze(text));
  const [asterisk, mark] = standIns(text);
  const tokens = analyze(text.replace(/\*+/gu, asterisk).replaceAll('?', mark));
  return tokensOf(tokens.replaceAll(asterisk, '*').replaceAll(mark, '?')).map((term) =>
    term.replace(/[*?]+/gu, ordered),
  );
}

function tokensOf(tokens: string): string[] {
  return tokens === '' ? [] : tokens.split(' ');
}

/** Of all ways to write it, one: first how many characters at least, then whether more. */
function ordered(wildcards: string): string {
  const marks = wildcards.replaceAll('*', '');
  return marks.length === wildcards.length ? marks : `${marks}*`;
}

/** The block Linear A: letters without case or composition. Two of them are not in any text of this length that people write. */
function standIns(text: string): readonly [string, string] {
  const letters = Array.from({ length: 0x137 }, (_, place) => String.fromCodePoint(0x10_600 + place));
  const [first = '', second = ''] = letters.filter((letter) => !text.includes(letter));
  return [first, second];
}

function withoutOuter(terms: readonly Term[]): readonly Term[] {
  const first = terms.findIndex((term) => term !== '*');
  const last = terms.findLastIndex((term) => term !== '*');
  return first < 0 ? [] : terms.slice(first, last + 1);
}

/** In an address of the web, what else would be a wildcard divides words: it is replaced by a space. */
function withoutUrlSigns(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/\S+/gu, (piece) => (piece.includes('://') ? piece.replace(URL_SIGN, ' ') : piece));
}

const URL_SIGN = /\?|(?<=[\p{L}\p{N}])\*(?=[\p{L}\p{N}])/gu;

/** The fewest characters of a word by its edits: with fewer, nearly every short word would be one of its spellings. */
const FUZZY_LENGTHS_MIN: Readonly<Record<number, number>> = { 1: 3, 2: 5 };

function fuzzyTerm(token: ValueToken, word: string, edits: string): Term {
  const at = token.at + word.length;
  if (word === '') throw queryFault(at, '~ belongs to a word', 'For words near each other write a w/5 b.');
  const count = edits === '' ? 1 : Number(edits);
  const lengthMin = FUZZY_LENGTHS_MIN[count];
  if (lengthMin === undefined) {
    throw queryFault(at, '~ allows 1 or 2 differences', 'Write word~ or word~1 for one, word~2 for two.');
  }
  if (WILDCARD.test(word)) {
    throw queryFault(
      at,
      'a word with ~ cannot have wildcards as well',
      'Write one word with ~ and one with wildcards.',
    );
  }
  const [first = '', ...others] = tokensOf(analyze(word));
  if (others.length > 0)
    throw queryFault(at, '~ belongs to a single word', 'Write each word by itself, or w/1 between them.');
  if (Array.from(first).length < lengthMin) {
    const problem = `a word with ~${count} needs at least ${lengthMin} letters or digits`;
    throw queryFault(at, problem, 'Write each spelling, with OR between them.');
  }
  return `${first}~${count}`;
}
