import type { Sequence } from '#kernel';
import { type IndexComparison, type IndexDocument, type IndexedMessage, isSameDocument } from './search-index.ts';

/** Compares documents with those that an index gives back. */
export class DocumentComparison implements IndexComparison {
  readonly #documentOf: (sequence: Sequence) => Promise<IndexedMessage | undefined>;

  constructor(documentOf: (sequence: Sequence) => Promise<IndexedMessage | undefined>) {
    this.#documentOf = documentOf;
  }

  async differing(documents: readonly IndexDocument[]): Promise<readonly Sequence[]> {
    const differing: Sequence[] = [];
    for (const expected of documents) {
      const { sequence } = expected;
      if (!isSameDocument(await this.#documentOf(sequence), expected)) differing.push(sequence);
    }
    return differing;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
