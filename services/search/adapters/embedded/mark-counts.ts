import type { DatabaseSync } from 'node:sqlite';
import { marksOf } from '../../document-marks.ts';
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
  const tally = new MarkTally(field);
  const counted = within.size <= READ_MAX ? readCounts(documentOf, field, within) : walked(database, field, within);
  for (const [value, captures] of counted) tally.add(value, captures);
  return tally.counts();
}

function readCounts(
  documentOf: (sequence: number) => SearchDocument | undefined,
  field: MarkField,
  within: SequenceSet,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const sequence of within) {
    const document = documentOf(sequence);
    for (const mark of document === undefined ? [] : marksOf(document)) {
      const [of, value] = markParts(mark);
      if (of === field) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return counts;
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
