import type { PhraseNode } from './ast.ts';
import { endless, type Patience } from './patience.ts';
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
export function placesOf(phrase: PhraseNode, text: string, patience: Patience = endless): Iterable<number> {
  return phrase.terms.some(isPattern)
    ? patternPlaces(matchersOf(phrase), text, patience)
    : plainPlaces(phrase.terms.join(' '), text, patience);
}

/** How many units of a text are looked at before patience is asked. */
const UNITS_TOGETHER = 1 << 14;

/** As whole tokens: without dividing the text into them. */
function* plainPlaces(tokens: string, text: string, patience: Patience): Generator<number> {
  let looked = 0;
  for (let at = text.indexOf(tokens); at >= 0; at = text.indexOf(tokens, at + 1)) {
    if (at - looked >= UNITS_TOGETHER) {
      patience();
      looked = at;
    }
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
function* patternPlaces(matchers: readonly Matcher[], text: string, patience: Patience): Generator<number> {
  let begun: readonly Beginning[] = [];
  let looked = 0;
  for (let place = 0; place < text.length;) {
    if (place - looked >= UNITS_TOGETHER) {
      patience();
      looked = place;
    }
    const space = text.indexOf(' ', place);
    const end = space < 0 ? text.length : space;
    const token = text.slice(place, end);
    const further: Beginning[] = [];
    for (const { place: first, matched } of [...begun, { place, matched: 0 }]) {
      if (matchers[matched]?.(token) !== true) continue;
      if (matched + 1 === matchers.length) yield first;
      else further.push({ place: first, matched: matched + 1 });
    }
    begun = further;
    place = end + 1;
  }
}
