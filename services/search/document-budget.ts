/** What the words of one message may take, in the index and on the way to it. What lies beyond is not searched: `text-truncated`. */
export interface DocumentLimits {
  /** Tokens: each is a place in the full-text structures. */
  readonly tokens: number;
  /** Different words: while a message is indexed, SQLite holds at least 128 bytes for each. */
  readonly words: number;
  /** Bytes of all tokens in UTF-8, with one for the space behind each; what normalising adds counts as well. */
  readonly bytes: number;
}

export const documentLimits: DocumentLimits = {
  tokens: 4 * 1024 * 1024,
  words: 768 * 1024,
  bytes: 20 * 1024 * 1024,
};

/** UTF-8 has three bytes at most for a unit of UTF-16; a word and its space have two units at least. */
const [BYTES_PER_UNIT, UNITS_PER_TOKEN] = [3, 2];

/** A part of a word is kept in several places until the text is whole: it counts as so many different words. */
const WORDS_PER_PART = 3;

/** What is left of the limits while a document is made. The same texts in the same order always give the same. */
export class DocumentBudget {
  readonly #limits: DocumentLimits;
  /** As long as there are no more units than this, no limit can have been reached, and nothing is counted. */
  readonly #unitsFree: number;
  #units = 0;
  #uncounted: string[] = [];
  #tokens = 0;
  #bytes = 0;
  #words: Set<string> | undefined;
  #parts = 0;
  #isSpent = false;

  constructor(limits: DocumentLimits = documentLimits) {
    this.#limits = limits;
    const { tokens, words, bytes } = limits;
    this.#unitsFree = Math.min(UNITS_PER_TOKEN * Math.min(tokens, words), Math.floor(bytes / BYTES_PER_UNIT));
  }

  /** Whether something did not fit. From then on nothing does: what stands in a text side by side was so in the message. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** As much of some tokens, joined by one space, as may still be held. */
  take(tokens: string): string {
    if (tokens === '' || this.#isSpent) return '';
    this.#units += tokens.length + 1;
    if (this.#units <= this.#unitsFree) {
      this.#uncounted.push(tokens);
      return tokens;
    }
    for (const earlier of this.#uncounted.splice(0)) this.#count(earlier);
    const fitting = this.#count(tokens);
    if (fitting === tokens.length) return tokens;
    this.#isSpent = true;
    return tokens.slice(0, Math.max(0, fitting - 1));
  }

  /** Whether a part of a word may still be held, with the sign before it: both are tokens. */
  takesPart(part: string, sign: string): boolean {
    this.#parts += 1;
    this.take(`${sign} ${part}`);
    return !this.#isSpent;
  }

  /** How many units fit, up to the beginning of a token. */
  #count(tokens: string): number {
    this.#bytes += Buffer.byteLength(tokens) + 1;
    if (this.#bytes > this.#limits.bytes) return 0;
    let start = 0;
    while (start < tokens.length) {
      const space = tokens.indexOf(' ', start);
      const end = space < 0 ? tokens.length : space;
      if (!this.#admits(tokens.slice(start, end))) return start;
      start = space < 0 ? end : end + 1;
    }
    return tokens.length;
  }

  #admits(word: string): boolean {
    if (this.#tokens >= this.#limits.tokens) return false;
    const words = (this.#words ??= new Set());
    const held = words.size + (WORDS_PER_PART - 1) * this.#parts;
    if (held >= this.#limits.words && !words.has(word)) return false;
    this.#tokens += 1;
    words.add(word);
    return true;
  }
}
