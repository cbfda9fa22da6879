import type { BlobRef } from '#archive';

/**
 * Counts different blobs, 8 bytes for each that is seen. Two of 10 million are taken for one with a probability of 3 in a million:
 * SHA-256 is as good as random, and 64 bits of it are kept.
 */
export class DistinctCount {
  #keys = new BigUint64Array(1024);
  #length = 0;

  add({ digest, generation }: BlobRef): void {
    if (this.#length === this.#keys.length) {
      const wider = new BigUint64Array(this.#keys.length * 2);
      wider.set(this.#keys);
      this.#keys = wider;
    }
    this.#keys[this.#length] = BigInt(`0x${digest.slice(0, 16)}`) ^ BigInt(generation);
    this.#length += 1;
  }

  count(): number {
    let [count, before] = [0, -1n];
    for (const key of this.#keys.subarray(0, this.#length).sort()) {
      if (key !== before) count += 1;
      before = key;
    }
    return count;
  }
}
