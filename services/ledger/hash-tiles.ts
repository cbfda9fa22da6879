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
