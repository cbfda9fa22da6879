import type { SequencedDocument } from '../../document-marks.ts';
import type { SearchDocument } from '../../search-document.ts';
import type { SequenceSet } from '../../sequence-set.ts';

/** Of so few the documents are read, whatever else is in the index; all their marks are in memory, 16 Mi units at most. */
export const READ_MAX = 32;

/** Those of the set that are in, one after the other: each may have megabytes. */
export function* documentsOf(
  within: SequenceSet,
  documentOf: (sequence: number) => SearchDocument | undefined,
): Generator<SequencedDocument> {
  for (const sequence of within) {
    const document = documentOf(sequence);
    if (document !== undefined) yield [sequence, document];
  }
}
