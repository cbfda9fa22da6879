import type { DatabaseSync } from 'node:sqlite';
import { firstOfGroups, groupsOf } from '../../mark-groups.ts';
import type { GroupingMark } from '../../marks.ts';
import type { SearchDocument } from '../../search-document.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { documentsOf, READ_MAX } from './documents-of.ts';
import { marksIn } from './mark-rows.ts';

/** `SearchIndex.firstOfSame`. */
export function firstOfSame(
  database: DatabaseSync,
  documentOf: (sequence: number) => SearchDocument | undefined,
  field: GroupingMark,
  within: SequenceSet,
): Uint32Array {
  const isFew = within.size <= READ_MAX;
  return firstOfGroups(within, isFew ? groupsOf(documentsOf(within, documentOf), field) : groupsIn(database, field));
}

/** Most values are those of one message: the engine leaves them out itself. */
function* groupsIn(database: DatabaseSync, field: GroupingMark): Generator<readonly number[]> {
  const query = (those: string) => `select group_concat(doc) ${those} group by term having count(*) > 1`;
  for (const [list] of marksIn(database, field, query)) yield String(list).split(',').map(Number);
}
