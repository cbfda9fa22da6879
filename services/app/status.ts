import type { Status } from '#api';
import type { WormStanding } from '#catalog';
import { verifierKey } from '#export';
import { SearchFault, type SearchIndex } from '#search';
import type { Deployment } from './deployment.ts';

/** What `status` says, here and over HTTP. */
export async function statusOf(deployment: Deployment): Promise<Status> {
  const { ledger, catalog, index, recorder, retention, readOnly, storageStanding } = deployment;
  await recorder.fold();
  const { size: entries, root, epoch, origin, publicKey } = ledger.head;
  const { messages, bytes, disposed } = catalog.messages.totals();
  const indexed = await indexedThrough(recorder, index);
  return {
    entries,
    root,
    origin,
    verifierKey: verifierKey(origin, publicKey),
    epoch,
    messages: messages - disposed,
    disposed,
    sightings: catalog.sightings.count(),
    bytes,
    indexedThrough: indexed,
    complete: indexed >= entries,
    activeHolds: catalog.holds.active().length,
    retention: retention.schedule?.period ?? null,
    promisedUntil: isoOf(retention.promisedUntil()),
    ...storageOf(storageStanding.current),
    readOnly,
  };
}

function isoOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

function storageOf({ lock, worm, since, proven, failed }: WormStanding): Pick<Status, 'lock' | 'worm'> {
  return { lock, worm: { standing: worm, since, provenAt: isoOf(proven), failed } };
}

/** Up to where the index is, brought up where that is possible; what cannot be asked covers nothing. */
async function indexedThrough(recorder: Deployment['recorder'], index: SearchIndex): Promise<number> {
  try {
    await recorder.catchUp();
    return await index.position();
  } catch (thrown) {
    if (thrown instanceof SearchFault) return 0;
    throw thrown;
  }
}
