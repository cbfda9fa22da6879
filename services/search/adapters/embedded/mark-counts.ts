import type { DatabaseSync } from 'node:sqlite';
import { markCountsOf } from '../../document-marks.ts';
import { type MarkCounts, MarkTally } from '../../mark-tally.ts';
import { type MarkField, markParts } from '../../marks.ts';
import type { SearchDocument } from '../../search-document.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { rowsOf } from './rows.ts';
import { markIn, markToken } from './schema.ts';

/** Behind all tokens that begin with what it is put behind. */
const LAST_CHARACTER = '\u{10ffff}';

/** Of so few the documents are read, whatever else is in the index; all their marks are in memory, 16 Mi units at most. */
const READ_MAX = 32;

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

function* documentsOf(
  within: SequenceSet,
  documentOf: (sequence: number) => SearchDocument | undefined,
): Generator<SearchDocument> {
  for (const sequence of within) {
    const document = documentOf(sequence);
    if (document !== undefined) yield document;
  }
}

/** Goes once through what the full-text table has of the field's marks, which lie there in order: nothing is sorted, nothing kept. */
function* walked(database: DatabaseSync, field: MarkField, within: SequenceSet): Generator<[string, number]> {
  database.exec('create virtual table if not exists temp.mark using fts5vocab(main, words, instance)');
  database.function('is_within', (sequence) => (within.has(Number(sequence)) ? 1 : 0));
  const counts = database.prepare(
    `select term, count(*) from temp.mark where term >= ? and term <= ? and is_within(doc) group by term`,
  );
  counts.setReturnArrays(true);
  const beginning = markToken(`${field}:`);
  for (const [token, captures] of rowsOf(counts, beginning, beginning + LAST_CHARACTER)) {
    const [, value] = markParts(markIn(String(token)));
    yield [value, Number(captures)];
  }
}
