import { Catalog } from '#catalog';
import type { Clock } from '#kernel';
import { Ledger, LedgerFault, type LedgerStore } from '#ledger';
import { ErasureCheck } from './erasure-check.ts';
import { LaterEntries } from './later-entries.ts';
import { StoreUpTo } from './store-up-to.ts';

/**
 * What the ledger says, folded anew from its batches into a catalog that only this verification uses: nothing that was
 * derived before is believed. Goes as far as the ledger can be read.
 */
export class FoldedLedger implements AsyncDisposable {
  readonly catalog = Catalog.openTemporary();
  readonly #store: LedgerStore;
  readonly #clock: Clock;
  readonly #ledger: Ledger | undefined;
  readonly #later = new LaterEntries();
  readonly #erasures = new ErasureCheck();
  #isWhole: boolean;

  private constructor(store: LedgerStore, clock: Clock, { ledger, isWhole }: Opened) {
    this.#store = store;
    this.#clock = clock;
    this.#ledger = ledger;
    this.#isWhole = isWhole;
  }

  static async open(store: LedgerStore, clock: Clock): Promise<FoldedLedger> {
    return new FoldedLedger(store, clock, await openWhatCanBeRead(store, clock));
  }

  /** False when damage keeps the rest of the ledger, from `position` on, from being known. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get position(): number {
    return this.catalog.position();
  }

  /** What was said behind the damage, as far as it can be read: it excuses what the folded part would call a fault. */
  get later(): LaterEntries {
    return this.#later;
  }

  /** Folds whatever has been committed so far, or the batches below `to`; nothing more once damage was met. */
  async catchUp({ to, onProgress }: CatchUpOptions = {}): Promise<void> {
    if (this.#ledger === undefined || (!this.#isWhole && this.position > 0)) return;
    try {
      const { size } = await this.#ledger.refresh();
      for await (const batch of this.#ledger.read(this.position, to)) {
        await this.catalog.apply(batch);
        this.#erasures.see(batch.entries);
        onProgress?.(this.position, size);
      }
    } catch (thrown) {
      if (!isDamage(thrown)) throw thrown;
      this.#isWhole = false;
      await this.#later.readFrom(this.position, this.#ledger, this.#store);
    }
  }

  /** Entries whose sidecar line a certificate says is erased, and that still have it. */
  async *unerased(): AsyncGenerator<number> {
    if (!this.#erasures.hasSuspects) return;
    // Opened anew: the one that followed the ledger may remember a batch as it was before the erasure.
    const { ledger } = await openWhatCanBeRead(this.#store, this.#clock);
    if (ledger !== undefined) yield* this.#erasures.remaining(ledger);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.catalog[Symbol.dispose]();
    await this.#ledger?.[Symbol.asyncDispose]();
  }
}

export interface CatchUpOptions {
  readonly to?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

interface Opened {
  readonly ledger: Ledger | undefined;
  readonly isWhole: boolean;
}

/** A ledger is opened by its newest batch; where that is damaged, by the one before. */
async function openWhatCanBeRead(store: LedgerStore, clock: Clock): Promise<Opened> {
  let view = store;
  for (;;) {
    try {
      return { ledger: await Ledger.open({ store: view, clock }), isWhole: view === store };
    } catch (thrown) {
      if (thrown instanceof LedgerFault && thrown.code === 'no-ledger') return { ledger: undefined, isWhole: false };
      if (!isDamage(thrown)) throw thrown;
    }
    const newest = await view.newest();
    if (newest === undefined) return { ledger: undefined, isWhole: false };
    view = new StoreUpTo(store, newest);
  }
}

function isDamage(thrown: unknown): boolean {
  return thrown instanceof LedgerFault && thrown.code === 'damaged';
}
