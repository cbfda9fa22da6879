import { type BlobStore, nameOfBlob } from '#archive';
import type { Digest } from '#kernel';
import type { Entry } from '#ledger';

/**
 * Which messages the ledger says are archived and storage does not have. Remembers only what is absent: that is what was
 * disposed of, until its order comes by, and what was lost.
 */
export class MissingMessages {
  readonly #archive: BlobStore;
  readonly #absent = new Map<string, Digest>();

  constructor(archive: BlobStore) {
    this.#archive = archive;
  }

  async see(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.kind === 'disposing' || entry.kind === 'disposed') this.#absent.delete(nameOfBlob(entry));
      if (entry.kind !== 'capture' && entry.kind !== 'recovered') continue;
      if ((await this.#archive.stat(entry)) === undefined) this.#absent.set(nameOfBlob(entry), entry.digest);
    }
  }

  digests(): readonly Digest[] {
    return [...this.#absent.values()];
  }
}
