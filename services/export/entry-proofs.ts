import type { HashTiles } from '#ledger';
import { leafHash, proofText, rangeRoot } from '#ledger';

const remembered = { roots: 50_000, tiles: 500 } as const;

/** The proofs of many entries against one checkpoint. Neighbours share most of their path: each hash is made once. */
export class EntryProofs {
  readonly #tiles: HashTiles;
  readonly #size: number;
  readonly #checkpoint: string;
  readonly #roots = new Map<string, Uint8Array>();

  /** @param checkpoint of the first `size` entries, which `tiles` has */
  constructor(tiles: HashTiles, size: number, checkpoint: string) {
    this.#tiles = new RecentTiles(tiles);
    this.#size = size;
    this.#checkpoint = checkpoint;
  }

  /** C2SP tlog-proof, the checkpoint within it. */
  proof(index: number): string {
    return proofText({ index, path: this.#path(index, 0, this.#size), checkpoint: this.#checkpoint });
  }

  /** Whether these bytes are the leaf that the tree has there. */
  isLeaf(index: number, entry: Uint8Array): boolean {
    return Buffer.compare(leafHash(entry), this.#root(index, index + 1)) === 0;
  }

  /** RFC 6962 §2.1.1, PATH(index, D[from:to]). */
  #path(index: number, from: number, to: number): Uint8Array[] {
    if (to - from === 1) return [];
    const middle = from + largestPowerBelow(to - from);
    return index < middle
      ? [...this.#path(index, from, middle), this.#root(middle, to)]
      : [...this.#path(index, middle, to), this.#root(from, middle)];
  }

  #root(from: number, to: number): Uint8Array {
    const name = `${from}-${to}`;
    const known = this.#roots.get(name);
    if (known !== undefined) return known;
    if (this.#roots.size >= remembered.roots) this.#roots.clear();
    const root = rangeRoot(this.#tiles, from, to);
    this.#roots.set(name, root);
    return root;
  }
}

class RecentTiles implements HashTiles {
  readonly #tiles: HashTiles;
  readonly #recent = new Map<string, Uint8Array | undefined>();

  constructor(tiles: HashTiles) {
    this.#tiles = tiles;
  }

  tile(level: number, index: number): Uint8Array | undefined {
    const name = `${level}/${index}`;
    const known = this.#recent.get(name);
    if (known !== undefined) return known;
    if (this.#recent.size >= remembered.tiles) this.#recent.clear();
    const tile = this.#tiles.tile(level, index);
    this.#recent.set(name, tile);
    return tile;
  }
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
