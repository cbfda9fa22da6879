import type { Generation } from './archive-state.ts';
import type { Connection } from './connection.ts';
import { indicesOf } from './generations.ts';
import type { IndexNames } from './index-names.ts';
import { unavailable } from './elasticsearch-fault.ts';
import { pauseBefore } from './retrying.ts';

/** What a merge may not forget yet is released within half a minute (`index.soft_deletes.retention_lease.sync_interval`). */
const ROUNDS_MAX = 40;

/** Merges away what was replaced by the marks of removed messages, and the logs of writing that still have it. */
export async function expunge(
  connection: Connection,
  names: IndexNames,
  generations: readonly Generation[],
): Promise<void> {
  for (const index of generations.flatMap((generation) => indicesOf(names, generation)))
    await expungeIndex(connection, index);
}

async function expungeIndex(connection: Connection, index: string): Promise<void> {
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    await connection.ask((client) => client.indices.flush({ index, force: true, wait_if_ongoing: true }));
    if ((await deletedIn(connection, index)) === 0) return;
    await connection.ask((client) => client.indices.forcemerge({ index, only_expunge_deletes: true, flush: true }));
    await connection.ask((client) => client.indices.refresh({ index }));
    if (round > 1) await pauseBefore(round);
  }
  throw unavailable('removed messages are still in files of the search index', 'Let it run again in a minute.');
}

/** Also those that are only marked as deleted, and on every copy. */
async function deletedIn(connection: Connection, index: string): Promise<number> {
  const { _all: all } = await connection.ask((client) => client.indices.stats({ index, metric: 'docs' }));
  return all.total?.docs?.deleted ?? 0;
}
