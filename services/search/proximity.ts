import type { NearNode, NearOperand, PhraseNode } from './ast.ts';
import { endless, type Patience } from './patience.ts';
import { placesOf } from './phrase-places.ts';
import { type TextTokens, textTokens } from './text-tokens.ts';
import { TokenSet } from './token-set.ts';

/**
 * Where an operand stands: for each number of tokens that a place has, those that such places begin with. However often words are
 * repeated and named, there is one bit for each token and number: lists of places took all memory there was.
 */
type Places = Map<number, TokenSet>;

type Judge = (first: number, last: number) => boolean;

/** Whether the proximity is found in one column. */
export function isNear(node: NearNode, text: string, patience: Patience = endless): boolean {
  const sides = new Finder(text, patience).sidesOf(node);
  return sides !== undefined && some(sides.lefts, sides.isLeft);
}

/**
 * The words by which the proximity is found, as numbers of tokens of the text: first and last of each place of either side that has
 * the other near it (`apart`: of the left one that has not), ascending.
 */
export function* nearPlaces(node: NearNode, text: string): Generator<readonly [first: number, last: number]> {
  const places: Places = new Map();
  new Finder(text, endless).collect(node, places);
  const lengths = [...places.keys()].sort((a, b) => a - b);
  const firsts = firstsOf(places);
  if (firsts === undefined) return;
  for (let first = firsts.next(0); first >= 0; first = firsts.next(first + 1)) {
    for (const length of lengths) if (places.get(length)?.has(first) === true) yield [first, first + length - 1];
  }
}

interface Sides {
  readonly lefts: Places;
  readonly rights: Places;
  /** Whether a place of this side is one of the proximity. */
  readonly isLeft: Judge;
  readonly isRight: Judge;
}

/** Finds operands in one text. */
class Finder {
  readonly #text: string;
  readonly #patience: Patience;
  #known: TextTokens | undefined;

  constructor(text: string, patience: Patience) {
    this.#text = text;
    this.#patience = patience;
  }

  /** Undefined where the proximity is nowhere. */
  sidesOf({ left, right, nearness, distance }: NearNode): Sides | undefined {
    const [lefts, rights]: [Places, Places] = [new Map(), new Map()];
    const isLeftFirst = weightOf(left) >= weightOf(right);
    // The larger one first, while nothing of the other is held.
    for (const isLeftNow of [isLeftFirst, !isLeftFirst]) {
      const places = isLeftNow ? lefts : rights;
      this.collect(isLeftNow ? left : right, places);
      if (places.size === 0 && (isLeftNow || nearness !== 'apart')) return undefined;
    }
    const before = nearness === 'before' ? 0 : distance;
    const hasRight = this.#nearTo(rights, before, distance);
    if (nearness === 'apart') {
      return { lefts, rights, isLeft: (first, last) => !hasRight(first, last), isRight: () => false };
    }
    return { lefts, rights, isLeft: hasRight, isRight: this.#nearTo(lefts, distance, before) };
  }

  /**
   * Adds the places of an operand. Of a proximity each place of either side counts that has one of the other near it: so there are
   * never more places than those of the phrases. Each place once, by whatever it is one.
   */
  collect(operand: NearOperand, places: Places): void {
    switch (operand.kind) {
      case 'phrase':
        return this.#addPhrase(operand, places);
      case 'or':
        for (const child of [...operand.children].sort(byWeight)) this.collect(child, places);
        return;
      case 'near': {
        const sides = this.sidesOf(operand);
        if (sides === undefined) return;
        addChosen(sides.lefts, sides.isLeft, places);
        addChosen(sides.rights, sides.isRight, places);
      }
    }
  }

  #addPhrase(phrase: PhraseNode, places: Places): void {
    this.#patience();
    let token = 0;
    for (const offset of placesOf(phrase, this.#text, this.#patience)) {
      const { starts } = this.#tokens();
      while ((starts[token] ?? offset) < offset) token += 1;
      setOf(places, phrase.terms.length, starts.length).add(token);
    }
  }

  /**
   * Whether one of the others ends up to `behind` tokens before a place, or begins up to `ahead` after it, in the same text; none
   * that shares a word with it.
   */
  #nearTo(others: Places, behind: number, ahead: number): Judge {
    this.#patience();
    const [firsts, lasts] = [firstsOf(others), behind === 0 ? undefined : lastsOf(others)];
    const [aheadOf, behindOf] = [this.#reach(firsts, ahead, -1), this.#reach(lasts, behind, 1)];
    return (first, last) => aheadOf?.has(last) === true || behindOf?.has(first) === true;
  }

  /** The tokens from which one of the others is so near, met by going through the text in this direction. */
  #reach(others: TokenSet | undefined, distance: number, direction: 1 | -1): TokenSet | undefined {
    if (others === undefined) return undefined;
    const { boundaries } = this.#tokens();
    const { count } = others;
    const found = new TokenSet(count);
    let reached = 0;
    for (let token = direction === 1 ? 0 : count - 1; token >= 0 && token < count; token += direction) {
      if (reached > 0) {
        found.add(token);
        reached -= 1;
      }
      if (boundaries.has(token)) reached = 0;
      else if (others.has(token)) reached = distance;
    }
    return found;
  }

  #tokens(): TextTokens {
    return (this.#known ??= textTokens(this.#text));
  }
}

function setOf(places: Places, length: number, count: number): TokenSet {
  let set = places.get(length);
  if (set === undefined) places.set(length, (set = new TokenSet(count)));
  return set;
}

/** With what begins there or ends there, whatever its length; undefined of none. */
function firstsOf(places: Places): TokenSet | undefined {
  return unionOf(places, () => 0);
}

function lastsOf(places: Places): TokenSet | undefined {
  return unionOf(places, (length) => length - 1);
}

function unionOf(places: Places, shiftOf: (length: number) => number): TokenSet | undefined {
  let union: TokenSet | undefined;
  for (const [length, set] of places) {
    const shift = shiftOf(length);
    if (places.size === 1 && shift === 0) return set;
    union ??= new TokenSet(set.count);
    for (let first = set.next(0); first >= 0; first = set.next(first + 1)) union.add(first + shift);
  }
  return union;
}

function some(places: Places, isWanted: Judge): boolean {
  for (const [length, set] of places) {
    for (let first = set.next(0); first >= 0; first = set.next(first + 1)) {
      if (isWanted(first, first + length - 1)) return true;
    }
  }
  return false;
}

function addChosen(from: Places, isWanted: Judge, to: Places): void {
  for (const [length, set] of from) {
    for (let first = set.next(0); first >= 0; first = set.next(first + 1)) {
      if (isWanted(first, first + length - 1)) setOf(to, length, set.count).add(first);
    }
  }
}

const weights = new WeakMap<NearOperand, number>();

/** The largest first. */
function byWeight(a: NearOperand, b: NearOperand): number {
  return weightOf(b) - weightOf(a);
}

/** How many terms an operand has. */
function weightOf(operand: NearOperand): number {
  if (operand.kind === 'phrase') return operand.terms.length;
  let weight = weights.get(operand);
  if (weight !== undefined) return weight;
  const parts = operand.kind === 'or' ? operand.children : [operand.left, operand.right];
  weights.set(operand, (weight = parts.reduce((sum, part) => sum + weightOf(part), 0)));
  return weight;
}
