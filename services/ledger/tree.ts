import { hash } from 'node:crypto';

/** `binary` and back is twice as fast as asking for a Buffer. */
function sha256(data: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1');
}

/** RFC 6962 §2.1: the root of no entries. */
export const emptyRoot: Buffer = sha256('');

/** RFC 6962 §2.1: leaves are hashed after a byte 0, nodes after a byte 1, so that neither passes for the other. */
export function leafHash(entry: string | Uint8Array): Buffer {
  return sha256(typeof entry === 'string' ? `\0${entry}` : Buffer.concat([Buffer.of(0), entry]));
}

const node = Buffer.alloc(65, 1);

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 33);
  return sha256(node);
}

/**
 * The right edge of the tree: the roots of its perfect subtrees, largest first, one per bit that is set in `size`. All that
 * is needed to append and to know the root. Immutable.
 */
export class Frontier {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];

  constructor(size: number, hashes: readonly Uint8Array[]) {
    if (hashes.length !== bitsSet(size)) throw new RangeError(`a tree of ${size} has no frontier of ${hashes.length}`);
    this.size = size;
    this.hashes = hashes;
  }

  static readonly empty = new Frontier(0, []);

  append(leafHashes: readonly Uint8Array[]): Frontier {
    const hashes = [...this.hashes];
    let size = this.size;
    for (const leaf of leafHashes) {
      let right = leaf;
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) right = nodeHash(hashes.pop() ?? right, right);
      hashes.push(right);
      size++;
    }
    return new Frontier(size, hashes);
  }

  root(): Uint8Array {
    return this.hashes.length === 0 ? emptyRoot : this.hashes.reduceRight((right, left) => nodeHash(left, right));
  }
}

function bitsSet(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** The largest power of two below `size`: where RFC 6962 splits a tree of `size` ≥ 2 entries. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function isPowerOfTwo(size: number): boolean {
  return 2 ** Math.round(Math.log2(size)) === size;
}
