import type { Status } from '#api';
import type { Deployment } from './compose.ts';

/** What `status` says, here and over HTTP. */
export async function statusOf({ ledger, catalog, index, archive, recorder, readOnly }: Deployment): Promise<Status> {
  await recorder.catchUp();
  const { size: entries, root, epoch, origin } = ledger.head;
  const { messages, bytes, disposed } = catalog.messages.totals();
  const indexed = await index.position();
  return {
    entries,
    root,
    origin,
    epoch,
    messages: messages - disposed,
    disposed,
    sightings: catalog.sightings.count(),
    bytes,
    indexedThrough: indexed,
    complete: indexed >= entries,
    activeHolds: catalog.holds.active().length,
    retention: catalog.dispositions.schedule()?.period ?? null,
    lock: archive.capabilities.lock,
    readOnly,
  };
}
