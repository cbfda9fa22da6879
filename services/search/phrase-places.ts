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

/** Where a phrase stands in a column: the offsets at which it begins, ascending. */
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

/** Where a phrase may have begun, and how many of its terms have been matched since. */
interface Beginning {
  readonly place: number;
  readonly matched: number;
}

/** Token by token: there may be millions, and most are of no interest. */
function* patternPlaces(matchers: readonly Matcher[], text: string): Generator<number> {
  let begun: readonly Beginning[] = [];
  for (let place = 0; place < text.length;) {
    const space = text.indexOf(' ', place);
    const end = space < 0 ? text.length : space;
    const token = text.slice(place, end);
    const matching = [...begun, { place, matched: 0 }].filter(({ matched }) => matchers[matched]?.(token));
    for (const one of matching) if (one.matched + 1 === matchers.length) yield one.place;
    begun = matching.map((one) => ({ place: one.place, matched: one.matched + 1 }));
    place = end + 1;
  }
}
