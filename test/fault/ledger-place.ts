import { systemClock } from '#kernel';
import type { LedgerStore } from '#ledger';
import { Bucket } from '#object-storage';
import { FilesystemLedgerStore } from '../../services/ledger/adapters/filesystem-ledger-store.ts';
import { S3LedgerStore } from '../../services/ledger/adapters/s3-ledger-store.ts';
import { credentials } from '../../scripts/services/environment.ts';

/** The ledger store at a folder, or at `http://HOST:PORT/BUCKET`. */
export async function ledgerStoreAt(place: string): Promise<LedgerStore> {
  if (!place.startsWith('http://')) return await FilesystemLedgerStore.open(place);
  const { origin, pathname } = new URL(place);
  const options = { bucket: pathname.slice(1), prefix: '', region: 'us-east-1', endpoint: origin, credentials };
  return await S3LedgerStore.open({ bucket: new Bucket(options), clock: systemClock });
}
