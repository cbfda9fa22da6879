import { type BlobStore, nameOfBlob } from '#archive';
import type { Digest } from '#kernel';
import type { Entry } from '#ledger';
import { DistinctCount } from './distinct-count.ts';

/**
 * Of the messages that the ledger says are archived, which storage lacks and how many it has. Remembers only what is absent: that is what was
 * disposed of, until its order comes by, and what was lost.
 */
export class NamedMessages {
  readonly #archive: BlobStore;
  readonly #absent = new Map<string, Digest>();
  readonly #present = new DistinctCount();

  constructor(archive: BlobStore) {
    this.#archive = archive;
  }

  async see(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.kind === 'disposing' || entry.kind === 'disposed') this.#absent.delete(nameOfBlob(entry));
      if (entry.kind !== 'capture' && entry.kind !== 'recovered') continue;
      if ((await this.#archive.stat(entry)) === undefined) this.#absent.set(nameOfBlob(entry), entry.digest);
      else this.#present.add(entry);
    }
  }

  /** How many storage has. The same bytes may have been captured by two processes at once, or twice in one batch. */
  present(): number {
    return this.#present.count();
  }

  digests(): readonly Digest[] {
    return [...this.#absent.values()];
  }
}
