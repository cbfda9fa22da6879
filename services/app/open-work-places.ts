import { MemorySpool } from '../ingest/adapters/memory-spool.ts';
import { InProcessLeases } from '../jobs/adapters/in-process-leases.ts';
import { InProcessQueue } from '../jobs/adapters/in-process-queue.ts';
import { type PlacesOptions, spoolBytesMax, type WorkPlaces } from './work-places.ts';

/** @throws AppFault `configuration-invalid`; JobFault `unsafe-queue`, `queue-unreachable` */
export async function openWorkPlaces(options: PlacesOptions, opening: AsyncDisposableStack): Promise<WorkPlaces> {
  const { clock, config } = options;
  if (config.queue.kind === 'redis') {
    const { openWorkPlacesOnRedis } = await import('./redis-work-places.ts');
    return openWorkPlacesOnRedis(config.queue.url, options, opening);
  }
  const spool = opening.use(new MemorySpool({ bytesMax: spoolBytesMax }));
  const queue = opening.use(new InProcessQueue({ clock }));
  const leases = opening.use(new InProcessLeases());
  return { queue, leases, spool };
}
