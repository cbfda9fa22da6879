import { asSequence, type Sequence } from '#kernel';
import type { LedgerStore, SidecarBasis } from '../ledger-store.ts';

export class MemoryLedgerStore implements LedgerStore {
  readonly #batches = new Map<number, Buffer>();
  readonly #sidecars = new Map<string, Buffer>();

  async create(first: Sequence, bytes: Buffer): Promise<'created' | 'exists'> {
    if (this.#batches.has(first)) return 'exists';
    this.#batches.set(first, Buffer.from(bytes));
    return 'created';
  }

  async read(first: Sequence): Promise<Buffer | undefined> {
    return copyOf(this.#batches.get(first));
  }

  async *list(from: Sequence): AsyncIterable<Sequence> {
    const firsts = [...this.#batches.keys()].filter((first) => first >= from);
    yield* firsts.sort((a, b) => a - b).map((first) => asSequence(first));
  }

  async newest(): Promise<Sequence | undefined> {
    return this.#batches.size === 0 ? undefined : asSequence(Math.max(...this.#batches.keys()));
  }

  async putSidecar(name: string, bytes: Buffer): Promise<void> {
    this.#sidecars.set(name, Buffer.from(bytes));
  }

  async readSidecar(name: string): Promise<Buffer | undefined> {
    return copyOf(this.#sidecars.get(name));
  }

  async *listSidecars(): AsyncIterable<string> {
    yield* [...this.#sidecars.keys()].sort();
  }

  async eraseFromSidecar(name: string, remaining: Buffer, basis?: SidecarBasis): Promise<'erased' | 'changed'> {
    const current = this.#sidecars.get(name);
    if (basis !== undefined && current?.equals(basis.bytes) === false) return 'changed';
    if (current !== undefined) this.#sidecars.set(name, Buffer.from(remaining));
    return 'erased';
  }

  async *listStrays(): AsyncIterable<string> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

function copyOf(bytes: Buffer | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes);
}
