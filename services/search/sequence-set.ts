import { asSequence, type Sequence } from '#kernel';
import { bitsIn } from './bits.ts';

const WORD_BITS = 32;

/** A set of capture sequences, one bit each: 12.5 MB for 10^8. Operations give new sets; only `add` changes one. */
export class SequenceSet implements Iterable<Sequence> {
  #words: Uint32Array;

  private constructor(words: Uint32Array) {
    this.#words = words;
  }

  static of(sequences: Iterable<number> = []): SequenceSet {
    const set = new SequenceSet(new Uint32Array(0));
    for (const sequence of sequences) set.add(sequence);
    return set;
  }

  /** All of 0 … through - 1. */
  static below(through: number): SequenceSet {
    const words = new Uint32Array(Math.ceil(through / WORD_BITS)).fill(0xffff_ffff);
    return new SequenceSet(clearFrom(words, through));
  }

  /** From what `words` gave. */
  static fromWords(words: Uint32Array): SequenceSet {
    return new SequenceSet(words);
  }

  /** One bit for each sequence, 32 to a word, lowest first. Not a copy. */
  get words(): Uint32Array {
    return this.#words;
  }

  add(sequence: number): void {
    const index = Math.floor(sequence / WORD_BITS);
    if (index >= this.#words.length) this.#grow(index + 1);
    this.#words[index] = (this.#words[index] ?? 0) | (1 << (sequence % WORD_BITS));
  }

  has(sequence: number): boolean {
    const word = this.#words[Math.floor(sequence / WORD_BITS)] ?? 0;
    return (word & (1 << (sequence % WORD_BITS))) !== 0;
  }

  /** How many; counted anew on each call. */
  get size(): number {
    let size = 0;
    for (const word of this.#words) size += bitsIn(word);
    return size;
  }

  /** The highest; -1 of an empty one. */
  get last(): number {
    const index = this.#words.findLastIndex((word) => word !== 0);
    return index < 0 ? -1 : index * WORD_BITS + 31 - Math.clz32(this.#words[index] ?? 0);
  }

  and(other: SequenceSet): SequenceSet {
    const length = Math.min(this.#words.length, other.#words.length);
    return this.#combine(other, length, (a, b) => a & b);
  }

  or(other: SequenceSet): SequenceSet {
    const length = Math.max(this.#words.length, other.#words.length);
    return this.#combine(other, length, (a, b) => a | b);
  }

  minus(other: SequenceSet): SequenceSet {
    return this.#combine(other, this.#words.length, (a, b) => a & ~b);
  }

  /** Those below `through`. */
  below(through: number): SequenceSet {
    const length = Math.min(this.#words.length, Math.ceil(Math.max(0, through) / WORD_BITS));
    return new SequenceSet(clearFrom(this.#words.slice(0, length), through));
  }

  /** Ascending. */
  *[Symbol.iterator](): Generator<Sequence> {
    for (let index = 0; index < this.#words.length; index++) {
      let word = this.#words[index] ?? 0;
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        yield asSequence(index * WORD_BITS + bit);
        word &= word - 1;
      }
    }
  }

  #combine(other: SequenceSet, length: number, operation: (a: number, b: number) => number): SequenceSet {
    const words = new Uint32Array(length);
    for (let index = 0; index < length; index++) {
      words[index] = operation(this.#words[index] ?? 0, other.#words[index] ?? 0);
    }
    return new SequenceSet(words);
  }

  #grow(length: number): void {
    const words = new Uint32Array(Math.max(length, this.#words.length * 2, 32));
    words.set(this.#words);
    this.#words = words;
  }
}

function clearFrom(words: Uint32Array, through: number): Uint32Array {
  const last = Math.floor(Math.max(0, through) / WORD_BITS);
  if (last < words.length) words[last] = (words[last] ?? 0) & ((1 << (Math.max(0, through) % WORD_BITS)) - 1);
  return words;
}
