import { Turnstile } from '#kernel';
import type { Ledger } from '#ledger';
import { Catalog } from './catalog.ts';

/**
 * The ledger folded by this process, from its beginning, into a catalog that nobody else can reach: for what must not rest
 * on a file that others can write to. Costs a reading of the whole ledger when it is first asked for, and what was
 * committed since at each further time.
 */
export class SeparateCatalog implements Disposable {
  readonly #ledger: Ledger;
  readonly #folding = new Turnstile();
  #catalog: Catalog | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** With everything in it that was committed before the call. @throws LedgerFault `damaged` */
  async folded(): Promise<Catalog> {
    await this.#ledger.refresh();
    return this.#folding.pass(async () => {
      const catalog = (this.#catalog ??= Catalog.openTemporary());
      for await (const batch of this.#ledger.read(catalog.position())) await catalog.apply(batch);
      return catalog;
    });
  }

  [Symbol.dispose](): void {
    this.#catalog?.[Symbol.dispose]();
    this.#catalog = undefined;
  }
}
