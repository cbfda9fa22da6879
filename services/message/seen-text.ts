import { WordReader } from './word-reader.ts';

/** Words of one alternative that are remembered; lines that repeat what comes later are kept twice. */
const WORDS_MAX = 200_000;
/** Places of the same three words that are looked at: bounds the work for texts that say one thing again and again. */
const PLACES_MAX = 16;
/** A line is compared together with this many words before it, so that phrases across its beginning are found too. */
const CONTEXT = 2;

/**
 * What one side of a multipart/alternative has said, so that the other side adds only the lines that say something else.
 * A line is left out only where its words, with the two before them, stand in this order and without a gap in what was said.
 * Words are compared themselves, never their hashes: a sender could solve those, and hide a line from every search.
 */
export class SeenText {
  #first: string | undefined;
  readonly #numbers = new Map<string, number>();
  /** Numbers of the words said, in order. */
  readonly #said: number[] = [];
  /** Three words → the last place where they end. */
  readonly #places = new Map<number, number>();
  /** Place → the place before where the same three words end. */
  readonly #earlier: number[] = [];

  /** The lines of `text` that were not said before; all of it the first time. */
  fresh(text: string): string {
    if (this.#first === undefined) {
      this.#first = text;
      return text;
    }
    if (this.#said.length === 0) this.#remember(this.#first);
    const kept = this.#newLines(text);
    if (kept !== '') this.#remember(kept);
    return kept;
  }

  #remember(text: string): void {
    // What stood before: no word has this number.
    this.#said.push(0, 0);
    const reader = new WordReader(text);
    for (let word = reader.next(); word !== undefined && this.#said.length < WORDS_MAX; word = reader.next()) {
      if (word === '\n') continue;
      const place = this.#said.push(this.#number(word)) - 1;
      const run = this.#runAt(this.#said, place);
      this.#earlier[place] = this.#places.get(run) ?? 0;
      this.#places.set(run, place);
    }
  }

  #newLines(text: string): string {
    const reader = new WordReader(text);
    const kept: string[] = [];
    let words = [0, 0];
    let lineStart = 0;
    for (;;) {
      const word = reader.next();
      if (word !== undefined && word !== '\n') {
        words.push(this.#numbers.get(word) ?? -1);
        continue;
      }
      if (words.length > CONTEXT && !this.#wasSaid(words)) kept.push(text.slice(lineStart, reader.lineEnd));
      if (word === undefined) return kept.join('\n');
      lineStart = reader.lineEnd + 1;
      words = words.slice(-CONTEXT);
    }
  }

  #wasSaid(words: readonly number[]): boolean {
    if (words.includes(-1)) return false;
    let place = this.#places.get(this.#runAt(words, CONTEXT)) ?? 0;
    for (let tries = 0; place > 0 && tries < PLACES_MAX; tries++) {
      if (this.#standsAt(place - CONTEXT, words)) return true;
      place = this.#earlier[place] ?? 0;
    }
    return false;
  }

  #standsAt(place: number, words: readonly number[]): boolean {
    return words.every((word, at) => this.#said[place + at] === word);
  }

  /** The words that end at `place` in one number below 2^53: 17 bits each hold any number that `WORDS_MAX` can lead to, or wrap. */
  #runAt(words: readonly number[], place: number): number {
    const [one = 0, two = 0, three = 0] = [words[place - 2], words[place - 1], words[place]];
    return (one % 2 ** 17) * 2 ** 34 + (two % 2 ** 17) * 2 ** 17 + (three % 2 ** 17);
  }

  #number(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(word, number);
    return number;
  }
}
