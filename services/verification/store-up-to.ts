import { asSequence, type Sequence } from '#kernel';
import { LedgerFault, type LedgerStore } from '#ledger';

/** A ledger's store as if it ended before `limit`: what lies before damage at its end can still be read. Read-only. */
export class StoreUpTo implements LedgerStore {
  readonly #store: LedgerStore;
  readonly #limit: number;

  constructor(store: LedgerStore, limit: number) {
    this.#store = store;
    this.#limit = limit;
  }

  async read(first: Sequence): Promise<Buffer | undefined> {
    return first < this.#limit ? this.#store.read(first) : undefined;
  }

  async *list(from: Sequence): AsyncIterable<Sequence> {
    for await (const first of this.#store.list(from)) {
      if (first >= this.#limit) return;
      yield first;
    }
  }

  async newest(): Promise<Sequence | undefined> {
    let newest: Sequence | undefined;
    for await (const first of this.list(asSequence(0))) newest = first;
    return newest;
  }

  readSidecar(name: string): Promise<Buffer | undefined> {
    return this.#store.readSidecar(name);
  }

  listSidecars(): AsyncIterable<string> {
    return this.#store.listSidecars();
  }

  listStrays(): AsyncIterable<string> {
    return this.#store.listStrays();
  }

  create(): Promise<never> {
    return refused();
  }

  putSidecar(): Promise<never> {
    return refused();
  }

  eraseFromSidecar(): Promise<never> {
    return refused();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function refused(): Promise<never> {
  return Promise.reject(
    new LedgerFault('read-only', 'whoever verifies a ledger does not write to it', {
      remedy: 'Report this as a defect.',
    }),
  );
}
