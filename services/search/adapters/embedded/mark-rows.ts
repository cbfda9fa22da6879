import type { DatabaseSync } from 'node:sqlite';
import type { MarkField } from '../../marks.ts';
import { LAST_CHARACTER, type Row, rowsOf } from './rows.ts';
import { markToken } from './schema.ts';

/**
 * Of each mark of a field, in the order of their tokens, in which they lie there: nothing is sorted, nothing kept.
 * @param query with the rows that it is about: a `term` and a `doc` for each message that has it
 */
export function marksIn(database: DatabaseSync, field: MarkField, query: (those: string) => string): Iterable<Row> {
  database.exec('create virtual table if not exists temp.mark using fts5vocab(main, words, instance)');
  const statement = database.prepare(query('from temp.mark where term >= ? and term <= ?'));
  statement.setReturnArrays(true);
  const beginning = markToken(`${field}:`);
  return rowsOf(statement, beginning, beginning + LAST_CHARACTER);
}
