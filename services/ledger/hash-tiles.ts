import { LedgerFault } from './ledger-fault.ts';
import { emptyRoot, isPowerOfTwo, nodeHash, splitPoint } from './tree.ts';

/** C2SP tlog-tiles: 8 levels of the tree, 256 hashes of 32 bytes. */
const tileWidth = 256;
const tileHeight = 8;
const hashBytes = 32;

/**
 * The hashes of the tree, as C2SP tlog-tiles lays them out: 256 hashes of 32 bytes to a tile; level 0 holds leaf hashes, a
 * hash at level n + 1 is the root of a full tile of level n. Synchronous, because it is answered from memory or SQLite.
 */
export interface HashTiles {
  /** Up to 256 hashes, one after the other; fewer in the last tile of a level; undefined where there is none. */
  tile(level: number, index: number): Uint8Array | undefined;
}

/** A tile that changed, with its whole new content. */
export interface ChangedTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

/** The tiles that change when `leafHashes` follow the `size` leaves that are in `tiles`. Stores nothing itself. */
export function appendToTiles(tiles: HashTiles, size: number, leafHashes: readonly Uint8Array[]): ChangedTile[] {
  const changed: ChangedTile[] = [];
  let hashes = leafHashes;
  let position = size;
  for (let level = 0; hashes.length > 0; level++) {
    const roots: Uint8Array[] = [];
    const first = Math.floor(position / tileWidth);
    for (const tile of fill(tiles, level, position, hashes)) {
      changed.push(tile);
      if (tile.hashes.length === tileWidth * hashBytes) roots.push(perfectRoot(tile.hashes));
    }
    hashes = roots;
    position = first;
  }
  return changed;
}

/** The tiles of one level that `hashes`, from `position` on, fall into. */
function fill(tiles: HashTiles, level: number, position: number, hashes: readonly Uint8Array[]): ChangedTile[] {
  const changed: ChangedTile[] = [];
  let taken = 0;
  for (let index = Math.floor(position / tileWidth); taken < hashes.length; index++) {
    const filled = index * tileWidth < position ? position % tileWidth : 0;
    const before = filled === 0 ? new Uint8Array(0) : (tiles.tile(level, index) ?? new Uint8Array(0));
    if (before.length < filled * hashBytes) throw notReached(level, index);
    const added = hashes.slice(taken, taken + tileWidth - filled);
    taken += added.length;
    changed.push({ level, index, hashes: Buffer.concat([before.subarray(0, filled * hashBytes), ...added]) });
  }
  return changed;
}

/** RFC 6962 root of the first `size` leaves. @throws LedgerFault `not-reached` when the tiles hold fewer */
export function rootAt(tiles: HashTiles, size: number): Uint8Array {
  return size === 0 ? emptyRoot : rangeRoot(tiles, 0, size);
}

/**
 * MTH(D[from:to]) of RFC 6962 for the ranges that occur in it: `from` is a multiple of the largest power of two that
 * fits into the range.
 */
export function rangeRoot(tiles: HashTiles, from: number, to: number): Uint8Array {
  const size = to - from;
  if (isPowerOfTwo(size)) return subtreeRoot(tiles, Math.round(Math.log2(size)), from / size);
  const split = splitPoint(size);
  return nodeHash(rangeRoot(tiles, from, from + split), rangeRoot(tiles, from + split, to));
}

/** Root of the `index`-th perfect subtree with 2^height leaves. */
function subtreeRoot(tiles: HashTiles, height: number, index: number): Uint8Array {
  const level = Math.floor(height / tileHeight);
  const width = 2 ** (height % tileHeight);
  const position = index * width;
  const tileIndex = Math.floor(position / tileWidth);
  const start = (position % tileWidth) * hashBytes;
  const tile = tiles.tile(level, tileIndex);
  const hashes = tile?.subarray(start, start + width * hashBytes);
  if (hashes?.length !== width * hashBytes) throw notReached(level, tileIndex);
  return perfectRoot(hashes);
}

function perfectRoot(hashes: Uint8Array): Uint8Array {
  let row: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += hashBytes) row.push(hashes.subarray(at, at + hashBytes));
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i] ?? emptyRoot, row[i + 1] ?? emptyRoot));
    row = above;
  }
  return Uint8Array.from(row[0] ?? emptyRoot);
}

function notReached(level: number, index: number): LedgerFault {
  return new LedgerFault('not-reached', `the hash tile ${level}/${index} is not there or not full enough`, {
    remedy: 'Wait until the catalog has caught up with the ledger, or rebuild it.',
    facts: { level, index },
  });
}

export class MemoryHashTiles implements HashTiles {
  readonly #tiles = new Map<string, Uint8Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  tile(level: number, index: number): Uint8Array | undefined {
    return this.#tiles.get(`${level}/${index}`);
  }

  append(leafHashes: readonly Uint8Array[]): void {
    for (const { level, index, hashes } of appendToTiles(this, this.#size, leafHashes)) {
      this.#tiles.set(`${level}/${index}`, hashes);
    }
    this.#size += leafHashes.length;
  }
}
