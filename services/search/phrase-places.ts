import type { PhraseNode } from './ast.ts';
import { isPattern, matcherOf } from './term.ts';

type Matcher = (token: string) => boolean;

const known = new WeakMap<PhraseNode, readonly Matcher[]>();

/** Made once for each phrase, however many messages are judged. */
function matchersOf(phrase: PhraseNode): readonly Matcher[] {
  let matchers = known.get(phrase);
  if (matchers === undefined) known.set(phrase, (matchers = phrase.terms.map(matcherOf)));
  return matchers;
}

/** Where a phrase stands in a column, as numbers that grow, one for each place. */
export function placesOf(phrase: PhraseNode, text: string): Iterable<number> {
  return phrase.terms.some(isPattern)
    ? patternPlaces(matchersOf(phrase), text)
    : plainPlaces(phrase.terms.join(' '), text);
}

/** As whole tokens: without dividing the text into them. */
function* plainPlaces(tokens: string, text: string): Generator<number> {
  for (let at = text.indexOf(tokens); at >= 0; at = text.indexOf(tokens, at + 1)) {
    if (isWhole(text, at, at + tokens.length)) yield at;
  }
}

function isWhole(text: string, start: number, end: number): boolean {
  return (start === 0 || text[start - 1] === ' ') && (end === text.length || text[end] === ' ');
}

/** Token by token: there may be millions, and most are of no interest. */
function* patternPlaces(matchers: readonly Matcher[], text: string): Generator<number> {
  /** How many terms have been matched up to here, for each beginning that may still become the whole phrase. */
  let begun: number[] = [];
  for (let start = 0; start < text.length;) {
    const space = text.indexOf(' ', start);
    const end = space < 0 ? text.length : space;
    const token = text.slice(start, end);
    begun = [...begun, 0].filter((matched) => matchers[matched]?.(token)).map((matched) => matched + 1);
    if (begun[0] === matchers.length) {
      begun.shift();
      yield start;
    }
    start = end + 1;
  }
}
