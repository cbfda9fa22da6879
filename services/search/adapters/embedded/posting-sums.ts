import { hash, randomBytes } from 'node:crypto';

/** Distinct words whose keys are remembered. */
const keptWordsMax = 200_000;
/** FTS5 keeps no more of a token, in bytes. */
const tokenBytesMax = 32_768;

/**
 * Sums of words at their places, one of 64 bits for each document, in which their order does not matter: those that an
 * index has can be added as it gives them, word by word, and compared with those that a document should have. What is
 * added for a word is drawn with a key that is made anew each time, so that nobody can find other words with the same sum.
 */
export class PostingSums {
  readonly #key = randomBytes(16).toString('hex');
  readonly #from: number;
  /** Two halves for each sequence. */
  readonly #halves: Uint32Array;
  #last: { readonly word: string; readonly key: readonly [number, number] } = { word: '', key: [0, 0] };
  readonly #words = new Map<string, readonly [number, number]>();

  /** Takes 8 bytes for each sequence in `from <= sequence < to`. */
  constructor(from: number, to: number) {
    this.#from = from;
    this.#halves = new Uint32Array(2 * Math.max(0, to - from));
  }

  /** Adds one word of a document, where the index says that it is. Documents outside the range are passed over. */
  add(sequence: number, word: string, column: number, offset: number): void {
    const at = 2 * (sequence - this.#from);
    if (at < 0 || at >= this.#halves.length) return;
    const [left, right] = this.#keyOf(word);
    this.#halves[at] = (this.#halves[at] ?? 0) + drawn(left, column, offset);
    this.#halves[at + 1] = (this.#halves[at + 1] ?? 0) + drawn(right, column, offset);
  }

  /** Whether exactly the words of these columns were added, each text divided at its spaces. */
  hasExactly(sequence: number, columns: readonly string[]): boolean {
    let [left, right] = [0, 0];
    columns.forEach((text, column) => {
      let offset = 0;
      for (const word of wordsOf(text)) {
        const key = this.#keyOf(stored(word));
        left = (left + drawn(key[0], column, offset)) >>> 0;
        right = (right + drawn(key[1], column, offset)) >>> 0;
        offset += 1;
      }
    });
    const at = 2 * (sequence - this.#from);
    return this.#halves[at] === left && this.#halves[at + 1] === right;
  }

  #keyOf(word: string): readonly [number, number] {
    // An index gives all places of a word one after the other.
    if (word === this.#last.word) return this.#last.key;
    const key = this.#words.get(word) ?? this.#newKey(word);
    this.#last = { word, key };
    return key;
  }

  #newKey(word: string): readonly [number, number] {
    const bytes = hash('sha256', `${this.#key}${word}`, 'buffer');
    const key = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)] as const;
    if (this.#words.size >= keptWordsMax) this.#words.clear();
    this.#words.set(word, key);
    return key;
  }
}

/** One at a time: there may be millions. */
function* wordsOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const space = text.indexOf(' ', start);
    const end = space < 0 ? text.length : space;
    yield text.slice(start, end);
    start = end + 1;
  }
}

function stored(word: string): string {
  return word.length * 3 <= tokenBytesMax ? word : Buffer.from(word).subarray(0, tokenBytesMax).toString();
}

/** Mixes as MurmurHash3 ends (fmix32), twice, with the word's key in between. */
function drawn(key: number, column: number, offset: number): number {
  return mixed(mixed(Math.imul(offset, 16) + column + key) ^ key);
}

function mixed(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
