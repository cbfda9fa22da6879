import type { Catalog, Recorder } from '#catalog';
import type { Indexing } from '#ingest';
import type { Ledger } from '#ledger';

/** Keeps catalog and search index up with the ledger: one pass at a time, the catalog first in each batch. */
export class Followers implements Recorder {
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  readonly #indexing: Indexing;
  #last: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, catalog: Catalog, indexing: Indexing) {
    this.ledger = ledger;
    this.catalog = catalog;
    this.#indexing = indexing;
  }

  /** Everything committed before the call is folded when it returns. */
  catchUp(onProgress?: (position: number, of: number) => void): Promise<void> {
    if (this.#isCurrent()) return Promise.resolve();
    const turn = this.#last.then(() => this.#follow(onProgress));
    this.#last = turn.catch(() => {});
    return turn;
  }

  #isCurrent(): boolean {
    const { size } = this.ledger.head;
    return this.catalog.position() >= size && this.#indexing.position() >= size;
  }

  async #follow(onProgress?: (position: number, of: number) => void): Promise<void> {
    if (this.#isCurrent()) return;
    const from = Math.min(this.catalog.position(), this.#indexing.position());
    for await (const batch of this.ledger.read(from)) {
      const end = batch.first + batch.entries.length;
      if (this.catalog.position() < end) await this.catalog.apply(batch);
      if (this.#indexing.position() < end) await this.#indexing.apply(batch);
      onProgress?.(end, this.ledger.head.size);
    }
  }
}
