import type { Sequence } from '#kernel';
import { LedgerFault, type LedgerStore, type SidecarBasis } from '#ledger';

/** What happens to one call: it is done and answered; done but the answer gets lost; or not done at all. */
export type Fate = 'answered' | 'swallowed' | 'failed';

/** A ledger store behind an unreliable line. */
export class FaultyLedgerStore implements LedgerStore {
  readonly #store: LedgerStore;
  readonly #fateOf: (method: 'create' | 'putSidecar') => Fate;

  constructor(store: LedgerStore, fateOf: (method: 'create' | 'putSidecar') => Fate) {
    this.#store = store;
    this.#fateOf = fateOf;
  }

  create(first: Sequence, bytes: Buffer): Promise<'created' | 'exists'> {
    return this.#suffer('create', () => this.#store.create(first, bytes));
  }

  putSidecar(name: string, bytes: Buffer): Promise<void> {
    return this.#suffer('putSidecar', () => this.#store.putSidecar(name, bytes));
  }

  read(first: Sequence): Promise<Buffer | undefined> {
    return this.#store.read(first);
  }

  list(from: Sequence): AsyncIterable<Sequence> {
    return this.#store.list(from);
  }

  newest(): Promise<Sequence | undefined> {
    return this.#store.newest();
  }

  readSidecar(name: string, fits?: (bytes: Buffer) => boolean): Promise<Buffer | undefined> {
    return this.#store.readSidecar(name, fits);
  }

  listSidecars(): AsyncIterable<string> {
    return this.#store.listSidecars();
  }

  eraseFromSidecar(name: string, remaining: Buffer, basis?: SidecarBasis): Promise<'erased' | 'changed'> {
    return this.#store.eraseFromSidecar(name, remaining, basis);
  }

  listStrays(): AsyncIterable<string> {
    return this.#store.listStrays();
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #suffer<Result>(method: 'create' | 'putSidecar', action: () => Promise<Result>): Promise<Result> {
    const fate = this.#fateOf(method);
    if (fate === 'answered') return await action();
    if (fate === 'swallowed') await action();
    throw new LedgerFault('store-unavailable', 'the line is down', { remedy: 'Try again.' });
  }
}
