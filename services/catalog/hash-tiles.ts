import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { HashTiles } from '#ledger';

/** The Merkle tree's hashes, 256 to a row, so that proofs need a few rows and no scan of the ledger. */
export class SqliteHashTiles implements HashTiles {
  readonly #select: StatementSync;
  readonly #replace: StatementSync;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('select hashes from tile where level = ? and number = ?');
    this.#replace = db.prepare('insert or replace into tile (level, number, hashes) values (?, ?, ?)');
  }

  tile(level: number, index: number): Uint8Array | undefined {
    const row = this.#select.get(level, index);
    return row?.['hashes'] instanceof Uint8Array ? row['hashes'] : undefined;
  }

  put(level: number, index: number, hashes: Uint8Array): void {
    this.#replace.run(level, index, hashes);
  }
}
