import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Catalog } from '#catalog';
import { Indexing, ParsingPool, Rereading } from '#ingest';
import { systemClock } from '#kernel';
import type { Ledger } from '#ledger';
import { SearchFault, type SearchIndex } from '#search';
import { EmbeddedIndex } from '../search/adapters/embedded-index.ts';
import { ThreadedIndex } from '../search/adapters/threaded-index.ts';
import type { ArchiveFolder } from './archive-folder.ts';
import type { Config } from './config.ts';
import { Followers } from './followers.ts';
import type { SearchPlace } from './store-urls.ts';
import { searchConnectionOf } from './search-connection.ts';
import type { Stores } from './stores.ts';

const readersMax = 4;

interface DerivedFrom {
  readonly config: Config;
  readonly folder: ArchiveFolder;
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly isShared: boolean;
  readonly notes: string[];
}

/** Everything that follows the ledger, and may be thrown away. */
export async function openDerived(
  { config, folder, stores, ledger, isShared, notes }: DerivedFrom,
  opening: AsyncDisposableStack,
) {
  const { archive } = stores;
  const catalog = opening.use(openCatalog(folder, ledger.head.size, notes));
  const index = opening.use(await openIndex(config.search, folder, ledger.head.size, notes));
  const pool = opening.use(new ParsingPool(Math.max(1, Math.min(readersMax, availableParallelism() - 1))));
  const sharesIndex = isShared && config.search.kind === 'elasticsearch';
  const shared = sharesIndex ? { shared: { clock: systemClock } } : {};
  const indexing = await Indexing.open({ archive, catalog, index, pool, scratch: folder.spool, ...shared });
  const recorder = new Followers(ledger, catalog, indexing);
  opening.defer(() => recorder.idle());
  const rereading = new Rereading({ archive, pool, scratch: folder.spool });
  return { catalog, index, recorder, indexing, pool, rereading };
}

/** A catalog ahead of the ledger belongs to another history; it is derived, so it goes. */
function openCatalog(folder: ArchiveFolder, ledgerSize: number, notes: string[]): Catalog {
  const catalog = Catalog.open(folder.catalogFile);
  if (catalog.position() <= ledgerSize) return catalog;
  catalog[Symbol.dispose]();
  Catalog.remove(folder.catalogFile);
  notes.push('the catalog did not fit the ledger and is built anew');
  return Catalog.open(folder.catalogFile);
}

/** The search index that the configuration names; one that does not fit the ledger is begun anew. */
export async function openIndex(
  place: Config['search'],
  folder: ArchiveFolder,
  ledgerSize: number,
  notes: string[],
): Promise<SearchIndex> {
  if (place.kind === 'elasticsearch') return openElasticsearch(place);
  return openEmbeddedIndex(folder, ledgerSize, notes);
}

/** The same without repairing anything, for checking it. @throws SearchFault */
export async function openIndexAsItIs(place: Config['search'], folder: ArchiveFolder): Promise<SearchIndex> {
  if (place.kind === 'elasticsearch') return openElasticsearch(place);
  return EmbeddedIndex.open(folder.indexFile);
}

async function openElasticsearch(place: Extract<SearchPlace, { kind: 'elasticsearch' }>): Promise<SearchIndex> {
  const { ElasticsearchIndex } = await import('../search/adapters/elasticsearch-index.ts');
  return ElasticsearchIndex.open({ ...searchConnectionOf(place.node), name: place.name });
}

async function openEmbeddedIndex(folder: ArchiveFolder, ledgerSize: number, notes: string[]): Promise<SearchIndex> {
  try {
    const index = ThreadedIndex.open(folder.indexFile);
    if ((await index.position()) <= ledgerSize) return index;
    await index[Symbol.asyncDispose]();
  } catch (fault) {
    const derived = fault instanceof SearchFault && (fault.code === 'index-damaged' || fault.code === 'index-outdated');
    if (!derived) throw fault;
  }
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${folder.indexFile}${suffix}`, { force: true });
  notes.push('the search index was damaged, outdated or of another ledger, and is built anew');
  return ThreadedIndex.open(folder.indexFile);
}
