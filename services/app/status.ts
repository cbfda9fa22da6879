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
  const indexed = await indexStanding(recorder, index);
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
    ...indexed,
    complete: indexed.indexedThrough !== null && indexed.indexedThrough >= entries,
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

/** Up to where the index is, brought up where that is possible, and what stands in the way of either. */
async function indexStanding(
  recorder: Deployment['recorder'],
  index: SearchIndex,
): Promise<Pick<Status, 'indexedThrough' | 'indexTrouble'>> {
  let indexTrouble: Status['indexTrouble'] = null;
  const note = (thrown: unknown): null => {
    if (!(thrown instanceof SearchFault)) throw thrown;
    const { code, message, remedy } = thrown;
    indexTrouble = { code, message, remedy };
    return null;
  };
  await recorder.catchUp().catch(note);
  const indexedThrough = await index.position().catch(note);
  return { indexedThrough, indexTrouble };
}
