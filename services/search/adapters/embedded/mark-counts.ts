import type { DatabaseSync } from 'node:sqlite';
import { markCountsOf } from '../../document-marks.ts';
import { type MarkCounts, MarkTally } from '../../mark-tally.ts';
import { type MarkField, markParts } from '../../marks.ts';
import type { SearchDocument } from '../../search-document.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { documentsOf, READ_MAX } from './documents-of.ts';
import { marksIn } from './mark-rows.ts';
import { markIn } from './schema.ts';

/** How many of these have each value of a mark. */
export function markCounts(
  database: DatabaseSync,
  documentOf: (sequence: number) => SearchDocument | undefined,
  field: MarkField,
  within: SequenceSet,
): MarkCounts {
  const isFew = within.size <= READ_MAX;
  return MarkTally.of(
    field,
    isFew ? markCountsOf(documentsOf(within, documentOf), field) : walked(database, field, within),
  );
}

/** Goes once through what the full-text table has of the field's marks, which lie there in order: nothing is sorted, nothing kept. */
function* walked(database: DatabaseSync, field: MarkField, within: SequenceSet): Generator<[string, number]> {
  database.function('is_within', (sequence) => (within.has(Number(sequence)) ? 1 : 0));
  const rows = marksIn(database, field, (those) => `select term, count(*) ${those} and is_within(doc) group by term`);
  for (const [token, captures] of rows) {
    const [, value] = markParts(markIn(String(token)));
    yield [value, Number(captures)];
  }
}
