import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

/** One row of a statement that returns arrays. */
export type Row = readonly SQLOutputValue[];

/** The rows of a statement with `setReturnArrays(true)`, one at a time; its declared type knows of objects only. */
export function rowsOf(statement: StatementSync, ...values: SQLInputValue[]): Iterable<Row> {
  const rows: Iterable<unknown> = statement.iterate(...values);
  return rows as Iterable<Row>;
}

/** Behind all tokens that begin with what it is put behind. */
export const LAST_CHARACTER = '\u{10ffff}';
