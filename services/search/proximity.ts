import type { NearNode, NearOperand, PhraseNode } from './ast.ts';
import { BOUNDARY } from './document-text.ts';
import { placesOf } from './phrase-places.ts';

/**
 * Where an operand stands: positions of the first and of the last word of each place, ascending by the first. Numbers in arrays: in
 * the longest texts there are millions.
 */
interface Spans {
  readonly firsts: readonly number[];
  readonly lasts: readonly number[];
}

type Judge = (first: number, last: number) => boolean;

/** From one address or attachment to the next; no proximity reaches so far. */
const APART = 1_000_000;

/** Whether the proximity is found in one column. */
export function isNear(node: NearNode, text: string): boolean {
  const sides = sidesOf(node, text);
  if (sides === undefined) return false;
  const { lefts, isLeft } = sides;
  return lefts.firsts.some((first, at) => isLeft(first, lefts.lasts[at] ?? first));
}

/**
 * The words by which the proximity is found, as numbers of tokens of the text: first and last of each place of either side that has
 * the other near it (`apart`: of the left one that has not).
 */
export function* nearPlaces(node: NearNode, text: string): Generator<readonly [first: number, last: number]> {
  const { firsts, lasts } = nearSpans(node, text);
  if (firsts.length === 0) return;
  const positions = positionsIn(text);
  const tokenAt = (position: number) => firstAbove(positions, position - 1);
  for (const [at, first] of firsts.entries()) yield [tokenAt(first), tokenAt(lasts[at] ?? first)];
}

/** Of every token, ascending. */
function positionsIn(text: string): readonly number[] {
  const positions = new Positions(text);
  const found: number[] = [];
  for (let at = 0; at >= 0 && at < text.length; at = text.indexOf(' ', at) + 1 || -1) found.push(positions.at(at));
  return found;
}

/**
 * Of a proximity that is an operand again, each place of either side counts that has one of the other near it: so there are never
 * more places than those of the phrases. Each place once, by whatever it is one.
 */
function spansOf(operand: NearOperand, text: string): Spans {
  switch (operand.kind) {
    case 'phrase':
      return phraseSpans(operand, text);
    case 'or':
      return operand.children.map((child) => spansOf(child, text)).reduce(merged);
    case 'near':
      return nearSpans(operand, text);
  }
}

function nearSpans(node: NearNode, text: string): Spans {
  const sides = sidesOf(node, text);
  if (sides === undefined) return { firsts: [], lasts: [] };
  const { lefts, isLeft, rights, isRight } = sides;
  return merged(chosen(lefts, isLeft), chosen(rights, isRight));
}

interface Sides {
  readonly lefts: Spans;
  readonly rights: Spans;
  /** Whether a place of this side is one of the proximity. */
  readonly isLeft: Judge;
  readonly isRight: Judge;
}

/** Undefined where the left side is nowhere. */
function sidesOf({ left, right, nearness, distance }: NearNode, text: string): Sides | undefined {
  const lefts = spansOf(left, text);
  if (lefts.firsts.length === 0) return undefined;
  const rights = spansOf(right, text);
  const before = nearness === 'before' ? 0 : distance;
  const hasRight = nearTo(rights, before, distance);
  if (nearness === 'apart') {
    return { lefts, rights, isLeft: (first, last) => !hasRight(first, last), isRight: () => false };
  }
  return { lefts, rights, isLeft: hasRight, isRight: nearTo(lefts, distance, before) };
}

/**
 * Whether one of the others ends up to `behind` positions before a place, or begins up to `ahead` after it; none that shares a
 * word with it.
 */
function nearTo({ firsts, lasts }: Spans, behind: number, ahead: number): Judge {
  const ends = lasts === firsts ? lasts : [...lasts].sort((a, b) => a - b);
  return (first, last) => {
    const next = firsts[firstAbove(firsts, last)];
    const previous = ends[firstAbove(ends, first - 1) - 1];
    return (next !== undefined && next - last <= ahead) || (previous !== undefined && first - previous <= behind);
  };
}

/** Index of the first number above a value, in ascending numbers. */
function firstAbove(numbers: readonly number[], value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function chosen({ firsts, lasts }: Spans, isWanted: Judge): Spans {
  const isOne = (at: number) => isWanted(firsts[at] ?? 0, lasts[at] ?? 0);
  return { firsts: firsts.filter((_, at) => isOne(at)), lasts: lasts.filter((_, at) => isOne(at)) };
}

function merged(a: Spans, b: Spans): Spans {
  const firsts: number[] = [];
  const lasts: number[] = [];
  for (let [i, j] = [0, 0]; i < a.firsts.length || j < b.firsts.length;) {
    const isFromA = isBefore(a, i, b, j);
    const [from, at] = isFromA ? [a, i++] : [b, j++];
    const [first = 0, last = 0] = [from.firsts[at], from.lasts[at]];
    // By one word of both it is one place.
    if (firsts.at(-1) === first && lasts.at(-1) === last) continue;
    firsts.push(first);
    lasts.push(last);
  }
  return { firsts, lasts };
}

function isBefore(a: Spans, i: number, b: Spans, j: number): boolean {
  const ahead = (a.firsts[i] ?? Infinity) - (b.firsts[j] ?? Infinity);
  return ahead === 0 ? (a.lasts[i] ?? 0) <= (b.lasts[j] ?? 0) : ahead < 0;
}

function phraseSpans(phrase: PhraseNode, text: string): Spans {
  const positions = new Positions(text);
  const firsts: number[] = [];
  for (const place of placesOf(phrase, text)) firsts.push(positions.at(place));
  const length = phrase.terms.length;
  return { firsts, lasts: length === 1 ? firsts : firsts.map((first) => first + length - 1) };
}

/** Numbers the tokens of a column; from one address or attachment to the next it is farther than any proximity reaches. */
class Positions {
  readonly #text: string;
  #offset = 0;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Of the token that begins at an offset: each time at a later one. */
  at(offset: number): number {
    while (this.#offset < offset) {
      const end = this.#text.indexOf(' ', this.#offset);
      this.#position += this.#isBoundary(end) ? APART : 1;
      this.#offset = end + 1;
    }
    return this.#position;
  }

  #isBoundary(end: number): boolean {
    return end - this.#offset === BOUNDARY.length && this.#text.startsWith(BOUNDARY, this.#offset);
  }
}
