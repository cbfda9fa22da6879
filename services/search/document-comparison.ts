import type { Sequence } from '#kernel';
import { type IndexComparison, type IndexDocument, type IndexedMessage, isSameDocument } from './search-index.ts';

type Documents = (sequences: readonly Sequence[]) => Promise<ReadonlyMap<Sequence, IndexedMessage>>;

/** Compares documents with those that an index gives back. */
export class DocumentComparison implements IndexComparison {
  readonly #documentsOf: Documents;

  /** @param documentsOf those of them that are in */
  constructor(documentsOf: Documents) {
    this.#documentsOf = documentsOf;
  }

  async differing(documents: readonly IndexDocument[]): Promise<readonly Sequence[]> {
    const found = await this.#documentsOf(documents.map(({ sequence }) => sequence));
    const differing = documents.filter((expected) => !isSameDocument(found.get(expected.sequence), expected));
    return differing.map(({ sequence }) => sequence);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
