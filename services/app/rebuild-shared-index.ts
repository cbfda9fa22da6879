import { Indexing, ParsingPool } from '#ingest';
import type { Digest } from '#kernel';
import { ElasticsearchIndex } from '../search/adapters/elasticsearch-index.ts';
import type { Deployment } from './deployment.ts';
import { searchConnectionOf } from './search-connection.ts';
import type { SearchPlace } from './store-urls.ts';

export interface RebuildOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (position: number, of: number) => void;
}

/**
 * Fills a new index from archive and ledger while the old one is searched, and puts it in its place once it is as far.
 * @returns the messages that are damaged, and of which the index has no words
 * @throws SearchFault; the signal's reason
 */
export async function rebuildSharedIndex(
  { archive, ledger, catalog, folder, recorder }: Deployment,
  place: Extract<SearchPlace, { kind: 'elasticsearch' }>,
  { signal, onProgress }: RebuildOptions,
): Promise<readonly Digest[]> {
  await using index = await ElasticsearchIndex.beginRebuild({ ...searchConnectionOf(place.node), name: place.name });
  await using pool = new ParsingPool(1);
  const indexing = await Indexing.open({ archive, catalog, index, pool, scratch: folder.spool });
  do {
    await recorder.fold();
    const end = catalog.position();
    for await (const batch of ledger.read(indexing.position(), end)) {
      signal.throwIfAborted();
      await indexing.apply(batch);
      onProgress?.(indexing.position(), end);
    }
  } while (!(await index.adopt()));
  return indexing.damaged;
}
