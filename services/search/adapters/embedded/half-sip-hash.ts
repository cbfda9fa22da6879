/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", and their reference
 * implementation), over the UTF-16 code units of a text in little-endian order. Whoever does not know the key can find
 * no two texts with the same hash. Keeps nothing of what it hashes.
 */
export class HalfSipHash {
  readonly #key: readonly [number, number];
  /** The hash that was made last, as two words of 32 bits. */
  readonly words = new Int32Array(2);
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  /** @param key two words of 32 bits, drawn at random */
  constructor(key: readonly [number, number]) {
    this.#key = key;
  }

  /** Of the units in `start <= unit < end`. The answer stands in `words` until the next call. */
  hash(text: string, start = 0, end = text.length): Int32Array {
    const [left, right] = this.#key;
    this.#v0 = left | 0;
    this.#v1 = right ^ 0xee;
    this.#v2 = 0x6c796765 ^ left;
    this.#v3 = 0x74656462 ^ right;
    let at = start;
    for (; at + 1 < end; at += 2) this.#absorb(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    this.#absorb(((end - start) << 25) | (at < end ? text.charCodeAt(at) : 0));
    this.#v2 ^= 0xee;
    this.#rounds(4);
    this.words[0] = this.#v1 ^ this.#v3;
    this.#v1 ^= 0xdd;
    this.#rounds(4);
    this.words[1] = this.#v1 ^ this.#v3;
    return this.words;
  }

  #absorb(block: number): void {
    this.#v3 ^= block;
    this.#rounds(2);
    this.#v0 ^= block;
  }

  #rounds(count: number): void {
    let [v0, v1, v2, v3] = [this.#v0, this.#v1, this.#v2, this.#v3];
    for (let round = 0; round < count; round += 1) {
      v0 = (v0 + v1) | 0;
      v1 = rotated(v1, 5) ^ v0;
      v0 = rotated(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotated(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotated(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotated(v1, 13) ^ v2;
      v2 = rotated(v2, 16);
    }
    [this.#v0, this.#v1, this.#v2, this.#v3] = [v0, v1, v2, v3];
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
