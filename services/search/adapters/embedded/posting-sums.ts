import { randomBytes } from 'node:crypto';
import { HalfSipHash } from './half-sip-hash.ts';

/** FTS5 keeps no more of a token, in bytes. */
const tokenBytesMax = 32_768;
/** UTF-8 has no more bytes for a unit of UTF-16. */
const bytesPerUnitMax = 3;

/**
 * Sums of words at their places, one of 64 bits for each document, in which their order does not matter: those that an
 * index has can be added as it gives them, word by word, and compared with those that a document should have. What is
 * added for a word is drawn with a key that is made anew each time, so that nobody can find other words with the same sum.
 */
export class PostingSums {
  readonly #from: number;
  /** Two halves for each sequence. */
  readonly #halves: Int32Array;
  readonly #hash: HalfSipHash;
  /** Whose hash was made last. */
  #hashed: string | undefined;

  /** Takes 8 bytes for each sequence in `from <= sequence < to`. */
  constructor(from: number, to: number) {
    this.#from = from;
    this.#halves = new Int32Array(2 * Math.max(0, to - from));
    const key = randomBytes(8);
    this.#hash = new HalfSipHash([key.readInt32LE(0), key.readInt32LE(4)]);
  }

  /** Adds one word of a document, where the index says that it is. Documents outside the range are passed over. */
  add(sequence: number, word: string, column: number, offset: number): void {
    const at = 2 * (sequence - this.#from);
    if (at < 0 || at >= this.#halves.length) return;
    // An index gives all places of a word one after the other.
    if (word !== this.#hashed) this.#hash.hash(word);
    this.#hashed = word;
    addPlace(this.#halves, at, this.#hash.words, column, offset);
  }

  /** Whether exactly the words of these columns were added, each text divided at its spaces. */
  hasExactly(sequence: number, columns: readonly string[]): boolean {
    const sum = new Int32Array(2);
    this.#hashed = undefined;
    columns.forEach((text, column) => {
      let offset = 0;
      // Word by word where it stands: there may be millions.
      for (let start = 0; start < text.length; offset += 1) {
        const space = text.indexOf(' ', start);
        const end = space < 0 ? text.length : space;
        addPlace(sum, 0, this.#hashOf(text, start, end), column, offset);
        start = end + 1;
      }
    });
    const at = 2 * (sequence - this.#from);
    return this.#halves[at] === sum[0] && this.#halves[at + 1] === sum[1];
  }

  #hashOf(text: string, start: number, end: number): Int32Array {
    if ((end - start) * bytesPerUnitMax <= tokenBytesMax) return this.#hash.hash(text, start, end);
    return this.#hash.hash(Buffer.from(text.slice(start, end)).subarray(0, tokenBytesMax).toString());
  }
}

function addPlace(sums: Int32Array, at: number, word: Int32Array, column: number, offset: number): void {
  sums[at] = (sums[at] ?? 0) + drawn(word[0] ?? 0, column, offset);
  sums[at + 1] = (sums[at + 1] ?? 0) + drawn(word[1] ?? 0, column, offset);
}

/** Mixes as MurmurHash3 ends (fmix32), twice, with the word's key in between. */
function drawn(key: number, column: number, offset: number): number {
  return mixed(mixed(Math.imul(offset, 16) + column + key) ^ key);
}

function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
