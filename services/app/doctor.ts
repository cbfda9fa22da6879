import type { Clock } from '#kernel';
import { elasticsearchProbes, machineProbes, objectStorageProbes, type ListedProbe, redisProbes } from '#verification';
import type { Config } from './config.ts';
import { searchConnectionOf } from './search-connection.ts';
import type { S3Place } from './store-urls.ts';

/** What `doctor` tries, and what it holds open for that. */
export interface ProbeList extends AsyncDisposable {
  readonly probes: readonly ListedProbe[];
}

/**
 * Everything to try where things lie as the configuration says; only the clients that this needs are loaded. Nothing is
 * connected to before a probe runs.
 * @param folder where on this machine something durable is kept
 */
export async function probesOf(
  { archive, queue, search, stateFolder }: Pick<Config, 'archive' | 'queue' | 'search' | 'stateFolder'>,
  clock: Clock,
  folder = stateFolder,
): Promise<ProbeList> {
  await using stack = new AsyncDisposableStack();
  const probes: ListedProbe[] = [...machineProbes(folder)];
  if (archive.kind === 's3') probes.push(...(await probesOfPlace(archive, clock, stack)));
  if (queue.kind === 'redis') {
    const { readRedisFacts } = await import('../verification/adapters/redis-facts.ts');
    probes.push(...redisProbes(async () => readRedisFacts(queue.url)));
  }
  if (search.kind === 'elasticsearch') {
    const { readElasticsearchFacts } = await import('../verification/adapters/elasticsearch-facts.ts');
    probes.push(...elasticsearchProbes(async () => readElasticsearchFacts(searchConnectionOf(search.node))));
  }
  const resources = stack.move();
  return { probes, [Symbol.asyncDispose]: async () => resources.disposeAsync() };
}

async function probesOfPlace(place: S3Place, clock: Clock, stack: AsyncDisposableStack) {
  const { bucketOf } = await import('./bucket-stores.ts');
  return objectStorageProbes(stack.use(bucketOf(place, clock)), clock);
}
