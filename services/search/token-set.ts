const WORD_BITS = 32;

/** A set of tokens of one text by their numbers, one bit each: half a megabyte for the longest text, whatever it holds. */
export class TokenSet {
  /** Of the text: no member is as high. */
  readonly count: number;
  readonly #words: Uint32Array;

  constructor(count: number) {
    this.count = count;
    this.#words = new Uint32Array(Math.ceil(count / WORD_BITS));
  }

  add(token: number): void {
    const at = token >>> 5;
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (token & 31));
  }

  has(token: number): boolean {
    return ((this.#words[token >>> 5] ?? 0) & (1 << (token & 31))) !== 0;
  }

  /** The lowest member that is not below `from`; -1 where there is none. */
  next(from: number): number {
    let at = from >>> 5;
    let word = (this.#words[at] ?? 0) & (-1 << (from & 31));
    while (word === 0) {
      at += 1;
      if (at >= this.#words.length) return -1;
      word = this.#words[at] ?? 0;
    }
    return at * WORD_BITS + 31 - Math.clz32(word & -word);
  }
}
