import { type BlobRef, nameOfBlob } from '#archive';
import { asSequence } from '#kernel';
import { type Entry, type Ledger, LedgerFault, type LedgerStore } from '#ledger';

/**
 * From the batches behind damage, each believed by its own signature: which messages were ordered to be destroyed, and
 * which holds released. Without it every lawful disposal back there would look like a loss.
 */
export class LaterEntries {
  readonly #disposed = new Set<string>();
  readonly #released = new Set<string>();

  disposes(ref: BlobRef): boolean {
    return this.#disposed.has(nameOfBlob(ref));
  }

  releases(hold: string): boolean {
    return this.#released.has(hold);
  }

  async readFrom(position: number, ledger: Ledger, store: LedgerStore): Promise<void> {
    for await (const first of store.list(asSequence(position))) {
      for (const entry of await entriesOf(first, ledger)) this.#see(entry);
    }
  }

  #see(entry: Entry): void {
    if (entry.kind === 'disposing' || entry.kind === 'disposed') this.#disposed.add(nameOfBlob(entry));
    if (entry.kind === 'hold-released') this.#released.add(entry.hold);
  }
}

/** None where the batch cannot be read: what is damaged was named when the ledger was verified. */
async function entriesOf(first: number, ledger: Ledger): Promise<readonly Entry[]> {
  try {
    for await (const batch of ledger.read(first, first + 1)) return batch.first === first ? batch.entries : [];
  } catch (thrown) {
    if (!(thrown instanceof LedgerFault) || thrown.code !== 'damaged') throw thrown;
  }
  return [];
}
