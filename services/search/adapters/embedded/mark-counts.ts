import type { DatabaseSync } from 'node:sqlite';
import { type MarkField, markParts } from '../../marks.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { markIn, markToken } from './schema.ts';
import type { SetReader } from './set-reader.ts';

/** Behind all tokens that begin with what it is put behind. */
const LAST_CHARACTER = '\u{10ffff}';

/** How many of these have each value: the messages of each mark of the field, as the full-text table has them. */
export function markCounts(
  database: DatabaseSync,
  reader: SetReader,
  field: MarkField,
  within: SequenceSet,
): ReadonlyMap<string, number> {
  database.exec('create virtual table if not exists temp.mark using fts5vocab(main, words, col)');
  const beginning = markToken(`${field}:`);
  const tokens = database
    .prepare(`select term from temp.mark where term >= ? and term <= ? and col = 'c_marks'`)
    .all(beginning, beginning + LAST_CHARACTER);
  const counts = new Map<string, number>();
  for (const { term } of tokens) {
    const token = String(term);
    const found = reader.marked(token).and(within).size;
    const [, value] = markParts(markIn(token));
    if (found > 0) counts.set(value, found);
  }
  return counts;
}
