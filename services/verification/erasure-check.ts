import type { Entry, Ledger } from '#ledger';
import { SequenceSet } from '#search';

/** Whether the sidecar lines that a certificate of disposal names are gone: the certificate comes after the erasure. */
export class ErasureCheck {
  readonly #erased = SequenceSet.of();
  readonly #suspects = SequenceSet.of();

  /** Entries come in order. */
  see(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.aside === 'erased') this.#erased.add(entry.sequence);
      if (entry.kind !== 'disposed') continue;
      for (const sequence of entry.erased) if (!this.#erased.has(sequence)) this.#suspects.add(sequence);
    }
  }

  get hasSuspects(): boolean {
    return this.#suspects.size > 0;
  }

  /** Looked at again: a line may have been erased after its batch was read. */
  async *remaining(ledger: Ledger): AsyncGenerator<number> {
    for (const sequence of this.#suspects) {
      if ((await ledger.entry(sequence)).aside !== 'erased') yield sequence;
    }
  }
}
