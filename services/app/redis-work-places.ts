import { type Clock, digestOf } from '#kernel';
import type { LargeItems } from '#ingest';
import { FilesystemLargeItems } from '../ingest/adapters/filesystem-large-items.ts';
import { RedisSpool } from '../ingest/adapters/redis-spool.ts';
import { BullmqQueue } from '../jobs/adapters/bullmq-queue.ts';
import { RedisLeases } from '../jobs/adapters/redis-leases.ts';
import type { ArchiveFolder } from './archive-folder.ts';
import type { Config } from './config.ts';
import { invalid } from './store-urls.ts';
import { type PlacesOptions, spoolBytesMax, type WorkPlaces } from './work-places.ts';

/** @throws AppFault `configuration-invalid`; JobFault `unsafe-queue`, `queue-unreachable` */
export async function openWorkPlacesOnRedis(
  url: string,
  { config, folder, clock, onTrouble }: PlacesOptions,
  opening: AsyncDisposableStack,
): Promise<WorkPlaces> {
  const name = nameOf(config.archive);
  const leases = opening.use(new RedisLeases({ url, name, onTrouble }));
  const largeItems = await largeItemsOf(config.archive, folder, clock, opening);
  const spool = opening.use(new RedisSpool({ url, name, bytesMax: spoolBytesMax, largeItems, onTrouble }));
  const queue = opening.use(await BullmqQueue.open({ url, name, onTrouble }));
  return { queue, leases, spool };
}

/** Tells archives that share a Redis apart. */
function nameOf(place: Config['archive']): string {
  const where = place.kind === 'folder' ? place.folder : `${place.endpoint ?? ''} ${place.bucket} ${place.prefix}`;
  return digestOf(Buffer.from(where)).slice(0, 16);
}

async function largeItemsOf(
  place: Config['archive'],
  folder: ArchiveFolder,
  clock: Clock,
  opening: AsyncDisposableStack,
): Promise<LargeItems> {
  if (place.kind === 'folder') return new FilesystemLargeItems({ folder: folder.spool, clock });
  if (place.scratch === undefined) {
    throw invalid(
      'ARCHIVE_URL',
      'with a queue on Redis it needs scratch=BUCKET/PREFIX, for messages too large for Redis',
    );
  }
  const { scratchItems } = await import('./bucket-stores.ts');
  return scratchItems(place, place.scratch, folder.spool, clock, opening);
}
