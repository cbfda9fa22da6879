import type { estypes } from '@elastic/elasticsearch';
import type { Connection } from './connection.ts';

const PAGE = 10_000;
/** Between two pages. */
const KEEP_ALIVE = '2m';

const nothingStored: estypes.SearchRequest = { _source: false, stored_fields: '_none_' };

/** The order of what stands for removed messages, which has no `sequence`. */
export const byRemoved: estypes.SortCombinations[] = [{ removed: { order: 'asc' } }];

/** All hits of a query by ascending sequence, or as it says, a page at a time, at one point in time; no ceiling. */
export async function* scan(
  connection: Connection,
  index: string,
  request: estypes.SearchRequest,
  size = PAGE,
): AsyncGenerator<estypes.SearchResponse> {
  const asked: estypes.SearchRequest = {
    ...(request._source === undefined ? nothingStored : {}),
    timeout: connection.searchTimeout,
    sort: [{ sequence: { order: 'asc' } }],
    ...request,
    track_total_hits: false,
    size,
  };
  // Most answers are one page, for which no point in time need be kept.
  const first = await connection.ask((client) => client.search({ ...asked, index, allow_no_indices: false }));
  if (first.hits.hits.length < size) yield first;
  else yield* scanAtOnePoint(connection, index, asked, size);
}

async function* scanAtOnePoint(
  connection: Connection,
  index: string,
  asked: estypes.SearchRequest,
  size: number,
): AsyncGenerator<estypes.SearchResponse> {
  const opened = await connection.ask((client) => client.openPointInTime({ index, keep_alive: KEEP_ALIVE }));
  let { id } = opened;
  let after: estypes.SortResults | undefined;
  try {
    for (;;) {
      const page = { ...asked, pit: { id, keep_alive: KEEP_ALIVE }, ...(after && { search_after: after }) };
      const answer = await connection.ask((client) => client.search(page));
      id = answer.pit_id ?? id;
      yield answer;
      after = answer.hits.hits.at(-1)?.sort;
      if (after === undefined || answer.hits.hits.length < size) return;
    }
  } finally {
    // Only to free it sooner: it ends by itself.
    await connection.ask((client) => client.closePointInTime({ id })).catch(() => undefined);
  }
}
