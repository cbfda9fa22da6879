import { existsSync, renameSync } from 'node:fs';
import { Ledger } from '#ledger';
import { newId, systemClock } from '#kernel';
import { FileSigner } from '../ledger/adapters/file-signer.ts';
import { AppFault } from './app-fault.ts';
import { archiveFolder } from './archive-folder.ts';
import { openStores } from './compose.ts';
import type { Config } from './config.ts';
import { readRestoredMarker, removeRestoredMarker } from './restored-marker.ts';
import { Secrets } from './secrets.ts';

/**
 * Continues a restored archive as a new epoch under a new key. Interrupted between the entry and the removal of the
 * marker, it finds its own key in the ledger and only removes the marker.
 * @throws AppFault `usage` when nothing waits to be adopted
 */
export async function adopt(
  config: Config,
  reason: string,
): Promise<{ readonly epoch: number; readonly origin: string }> {
  const folder = archiveFolder(config.archiveFolder);
  const marker = readRestoredMarker(folder);
  if (marker?.state !== 'complete') throw nothingToAdopt(folder.root, marker === undefined);
  const clock = systemClock;
  const { archive, ledgerStore: store } = await openStores(folder, clock);
  await using _archive = archive;
  await using _store = store;
  const secrets = new Secrets(config.secretsFolder);
  secrets.prepare();
  const keyFile = secrets.path('signing-key.pem');
  const before = await headOf(store);
  const existing = existsSync(keyFile) ? await FileSigner.open(keyFile) : undefined;
  if (existing === undefined || existing.publicKey !== before.publicKey || before.restoredHere !== true) {
    if (existing !== undefined)
      renameSync(keyFile, secrets.path(`signing-key.before-epoch-${before.epoch + 1}-${newId().slice(0, 8)}.pem`));
    const signer = await FileSigner.create(keyFile);
    const decision = { actor: 'cli', origin: `muniment/${newId()}`, reason };
    await using _ledger = await Ledger.adoptEpoch({ store, signer, clock, decision });
  }
  removeRestoredMarker(folder);
  const { epoch, origin } = await headOf(store);
  return { epoch, origin };

  async function headOf(of: typeof store) {
    await using ledger = await Ledger.open({ store: of, clock });
    const newest = await ledger.entry(ledger.head.size - 1);
    return { ...ledger.head, restoredHere: newest.kind === 'epoch' };
  }
}

function nothingToAdopt(root: string, isOrdinary: boolean): AppFault {
  const why = isOrdinary ? 'is not a restored archive' : 'was not restored completely';
  return new AppFault('usage', `The archive in ${root} ${why}.`, {
    remedy: isOrdinary ? 'Nothing has to be adopted.' : 'Run `muniment restore --from URL` again first.',
  });
}
