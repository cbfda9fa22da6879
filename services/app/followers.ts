import type { Catalog, Recorder } from '#catalog';
import type { Indexing } from '#ingest';
import { Turnstile } from '#kernel';
import type { Ledger, LedgerBatch } from '#ledger';

type OnProgress = (position: number, of: number) => void;

/** Batches that the catalog has folded and the index has not: more than these are waited for, or read again. */
const batchesBehindMax = 8;

/**
 * Keeps catalog and search index up with the ledger. The catalog leads, because it decides which entry is the capture of
 * a message; the index follows in its own time, so that nobody who only needs the catalog waits for it.
 */
export class Followers implements Recorder {
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  /** Whether this process brings the index up without being asked. Of those that share an index one is enough; several do no harm. */
  leadsIndex: boolean;
  readonly #indexing: Indexing;
  readonly #folding = new Turnstile();
  readonly #indexes = new Turnstile();
  /** Read for the catalog, and kept for the index. */
  #read: LedgerBatch[] = [];

  constructor(ledger: Ledger, catalog: Catalog, indexing: Indexing) {
    this.ledger = ledger;
    this.catalog = catalog;
    this.#indexing = indexing;
    this.leadsIndex = !indexing.isShared;
  }

  /** Whether other processes bring the same search index up as well. */
  get sharesIndex(): boolean {
    return this.#indexing.isShared;
  }

  async fold(): Promise<void> {
    await this.#foldUp();
    const indexed = this.leadsIndex ? this.#index() : this.#contribute();
    // What fails here fails again, and is heard, in the next `catchUp`.
    indexed.catch(() => {});
    if (this.#read.length >= batchesBehindMax) await indexed;
  }

  async catchUp(onProgress?: OnProgress): Promise<void> {
    await this.#foldUp(onProgress);
    if (this.#indexing.isShared) await this.#indexes.pass(() => this.#indexing.refresh());
    if (this.#indexing.position() < this.catalog.position()) await this.#index(onProgress);
  }

  /** When nothing is being folded or indexed any more. */
  async idle(): Promise<void> {
    await this.#folding.pass(() => Promise.resolve());
    await this.#indexes.pass(() => Promise.resolve());
  }

  async #foldUp(onProgress?: OnProgress): Promise<void> {
    await this.ledger.refresh();
    if (this.catalog.position() >= this.ledger.head.size) return;
    await this.#folding.pass(async () => {
      for await (const batch of this.ledger.read(this.catalog.position())) {
        if (batch.first < this.catalog.position()) continue;
        await this.catalog.apply(batch);
        if (this.#isWorthKeeping(batch)) this.#read.push(batch);
        onProgress?.(endOf(batch), this.ledger.head.size);
      }
    });
  }

  #index(onProgress?: OnProgress): Promise<void> {
    return this.#indexes.pass(async () => {
      while (this.#indexing.position() < this.catalog.position()) {
        const batches = this.#nextRead();
        if (batches.length === 0) await this.#indexFromLedger(onProgress);
        else await this.#indexing.applyAll(batches);
      }
    });
  }

  /** Who only contributes keeps what it has something in hand of; who leads, what saves reading the ledger again. */
  #isWorthKeeping(batch: LedgerBatch): boolean {
    return this.leadsIndex ? this.#read.length < batchesBehindMax : this.#indexing.hasInHand(batch);
  }

  /** Hands over what this process has read. Whoever leads the index reads from the archive what could not be handed over. */
  #contribute(): Promise<void> {
    return this.#indexes.pass(async () => {
      for (let batch = this.#read.shift(); batch !== undefined; batch = this.#read.shift()) {
        await this.#indexing.contribute(batch).catch(() => {});
      }
    });
  }

  /** The batches in hand that continue the index without a gap. */
  #nextRead(): LedgerBatch[] {
    let position = this.#indexing.position();
    this.#read = this.#read.filter((batch) => endOf(batch) > position);
    const next: LedgerBatch[] = [];
    for (const batch of this.#read) {
      if (batch.first > position) break;
      next.push(batch);
      position = endOf(batch);
    }
    return next;
  }

  async #indexFromLedger(onProgress?: OnProgress): Promise<void> {
    const to = this.catalog.position();
    for await (const batch of this.ledger.read(this.#indexing.position(), to)) {
      if (endOf(batch) > to) return;
      await this.#indexing.apply(batch);
      onProgress?.(endOf(batch), this.ledger.head.size);
    }
  }
}

function endOf(batch: LedgerBatch): number {
  return batch.first + batch.entries.length;
}
