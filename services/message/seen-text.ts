import { WordReader } from './word-reader.ts';
import { WINDOW_WORDS, WordWindow } from './word-window.ts';

/** Words of one alternative that are remembered; what repeats words that come later is kept twice. */
const WORDS_MAX = 200_000;
/** A side that is shorter than a phrase is looked for among so many words, for there may be thousands of such sides. */
const WORDS_SEARCHED = 200;
/** What was not said before, and what parts two texts: words have other numbers. */
const UNKNOWN = -1;

/** A piece of a text by positions in it, and by how many words of the text end before its own end. */
interface Block {
  readonly start: number;
  end: number;
  words: number;
}

/**
 * What one side of a multipart/alternative has said, so that the other side adds only what it says otherwise. A word is left out only
 * where every run of `WINDOW_WORDS` words that it stands in was said in this order and without a gap: what is new is kept with
 * the words before and behind it, so that every phrase of so many words stands somewhere as it was written.
 * Words are compared themselves, never their hashes alone: a sender could solve those, and hide a line from every search.
 */
export class SeenText {
  #first: string | undefined;
  readonly #numbers = new Map<string, number>();
  /** Numbers of the words said, in order. */
  readonly #said: number[] = [];
  /** The hash of a window → the last place where such a window ends. */
  readonly #places = new Map<number, number>();

  /** What of `text` was not said before; all of it the first time. */
  fresh(text: string): string {
    if (this.#first === undefined) {
      this.#first = text;
      return text;
    }
    if (this.#said.length === 0) this.#remember(this.#first);
    const kept = this.#newBlocks(text);
    if (kept !== '') this.#remember(kept);
    return kept;
  }

  #remember(text: string): void {
    this.#said.push(UNKNOWN);
    const reader = new WordReader(text);
    const window = new WordWindow();
    for (let word = reader.next(); word !== undefined && this.#said.length < WORDS_MAX; word = reader.next()) {
      const number = this.#numberOf(word);
      window.push(number);
      const place = this.#said.push(number) - 1;
      if (window.isFull) this.#places.set(window.hash, place);
    }
  }

  #newBlocks(text: string): string {
    const reader = new WordReader(text);
    const window = new WordWindow();
    /** Where the words of the window begin, with what stands between them and the words before. */
    const starts = new Float64Array(WINDOW_WORDS);
    const blocks: Block[] = [];
    let place: number | undefined;
    for (let before = 0, word = reader.next(); word !== undefined; before = reader.end, word = reader.next()) {
      const number = this.#numbers.get(word) ?? UNKNOWN;
      starts[window.count % WINDOW_WORDS] = before;
      window.push(number);
      if (!window.isFull) continue;
      place = this.#placeOf(window, number, place);
      if (place === undefined) keep(blocks, starts[window.count % WINDOW_WORDS] ?? 0, reader.end, window.count);
    }
    if (!window.isFull) return this.#wasSaid(window.numbers()) ? '' : text;
    return blocks.map(({ start, end }) => text.slice(start, end).trim()).join('\n');
  }

  /** Where the window was said; most often behind `before`, where the one before it was. */
  #placeOf(window: WordWindow, number: number, before: number | undefined): number | undefined {
    if (number === UNKNOWN) return undefined;
    if (before !== undefined && this.#said[before + 1] === number) return before + 1;
    const place = this.#places.get(window.hash);
    return place !== undefined && window.endsAt(place, this.#said) ? place : undefined;
  }

  /** Whether a text shorter than a window was said near the beginning. */
  #wasSaid(numbers: readonly number[]): boolean {
    if (numbers.includes(UNKNOWN)) return false;
    const last = Math.min(this.#said.length, WORDS_SEARCHED) - numbers.length;
    for (let place = 0; place <= last; place++) {
      if (numbers.every((number, at) => this.#said[place + at] === number)) return true;
    }
    return false;
  }

  #numberOf(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(word, number);
    return number;
  }
}

/** Adds a window that was not said; it goes on in the last block where they meet. */
function keep(blocks: Block[], start: number, end: number, words: number): void {
  const last = blocks.at(-1);
  if (last === undefined || words - last.words > WINDOW_WORDS) {
    blocks.push({ start, end, words });
    return;
  }
  last.end = end;
  last.words = words;
}
