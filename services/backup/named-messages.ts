import { type BlobStore, nameOfBlob } from '#archive';
import type { Digest } from '#kernel';
import type { Entry } from '#ledger';

/**
 * Of the messages that the ledger says are archived, which storage lacks and how many it has. Remembers only what is absent: that is what was
 * disposed of, until its order comes by, and what was lost.
 */
export class NamedMessages {
  readonly #archive: BlobStore;
  readonly #absent = new Map<string, Digest>();
  #present = 0;

  constructor(archive: BlobStore) {
    this.#archive = archive;
  }

  async see(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.kind === 'disposing' || entry.kind === 'disposed') this.#absent.delete(nameOfBlob(entry));
      if (entry.kind !== 'capture' && entry.kind !== 'recovered') continue;
      if ((await this.#archive.stat(entry)) === undefined) this.#absent.set(nameOfBlob(entry), entry.digest);
      else this.#present += 1;
    }
  }

  /** How many storage has. */
  get present(): number {
    return this.#present;
  }

  digests(): readonly Digest[] {
    return [...this.#absent.values()];
  }
}
