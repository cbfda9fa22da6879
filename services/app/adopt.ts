import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Ledger } from '#ledger';
import { newId, systemClock } from '#kernel';
import { FileSigner } from '../ledger/adapters/file-signer.ts';
import { AppFault } from './app-fault.ts';
import { holdsRecord, workingFolder } from './archive-folder.ts';
import { signingKeyFile } from './open-ledger.ts';
import { openStores } from './open-stores.ts';
import type { Config } from './config.ts';
import { readRestoredMarker, removeRestoredMarker } from './restored-marker.ts';
import { Secrets } from './secrets.ts';
import { markInterrupted } from './settle.ts';

export interface Adoption {
  readonly reason: string;
  /** Puts a key that has signed something aside. Whatever archive still uses it can then append nothing. */
  readonly retireKey: boolean;
}

/**
 * Continues a restored archive as a new epoch under a new key. Interrupted anywhere it is completed by the next call: a key
 * that has signed nothing yet is its own, and where that key is in the ledger only the marker is removed.
 * @throws AppFault `usage` when nothing waits to be adopted, `key-in-use`
 */
export async function adopt(
  config: Config,
  { reason, retireKey }: Adoption,
): Promise<{ readonly epoch: number; readonly origin: string }> {
  const folder = workingFolder(config);
  const marker = readRestoredMarker(folder);
  if (marker?.state !== 'complete') throw nothingToAdopt(folder.root, marker === undefined);
  const clock = systemClock;
  await using stores = await openStores(config.archive, folder, clock);
  const store = stores.ledgerStore;
  const secrets = new Secrets(config.secretsFolder);
  secrets.prepare();
  const keyFile = secrets.path(signingKeyFile);
  const before = await headOf(store);
  const existing = existsSync(keyFile) ? await FileSigner.open(keyFile) : undefined;
  if (existing?.publicKey !== before.publicKey || !before.restoredHere) {
    const signer = await newSigner(secrets, existing, before, retireKey);
    const decision = { actor: 'cli', origin: `muniment/${newId()}`, reason };
    await using _ledger = await Ledger.adoptEpoch({ store, signer, clock, decision });
  }
  // The backup may have been cut off between messages and the batches that name them.
  if (holdsRecord(folder)) markInterrupted(folder);
  removeRestoredMarker(folder);
  const { epoch, origin } = await headOf(store);
  return { epoch, origin };

  async function headOf(of: typeof store) {
    await using ledger = await Ledger.open({ store: of, clock });
    const newest = await ledger.entry(ledger.head.size - 1);
    return { ...ledger.head, restoredHere: newest.kind === 'epoch' };
  }
}

/** @throws AppFault `key-in-use` */
async function newSigner(
  secrets: Secrets,
  existing: FileSigner | undefined,
  before: { readonly epoch: number; readonly publicKey: string },
  retireKey: boolean,
): Promise<FileSigner> {
  if (existing !== undefined) {
    const isFresh = existing.publicKey !== before.publicKey && (await existing.lastSigned()) === undefined;
    if (isFresh) return existing;
    if (!retireKey) throw keyInUse(secrets.path(''));
    const key = hash('sha256', existing.publicKey, 'hex').slice(0, 8);
    await existing.moveTo(secrets.path(`signing-key.before-epoch-${before.epoch + 1}-${key}.pem`));
  }
  return await FileSigner.create(secrets.path(signingKeyFile));
}

function keyInUse(folder: string): AppFault {
  return new AppFault('key-in-use', `${folder} has the signing key of an archive already.`, {
    remedy:
      'If that archive is still in use, give the restored one a SECRETS_DIR of its own. If it is gone, add --retire-key: ' +
      'the old key is put aside, and whatever used it can append nothing any more.',
  });
}

function nothingToAdopt(root: string, isOrdinary: boolean): AppFault {
  const why = isOrdinary ? 'is not a restored archive' : 'was not restored completely';
  return new AppFault('usage', `The archive in ${root} ${why}.`, {
    remedy: isOrdinary ? 'Nothing has to be adopted.' : 'Run `muniment restore --from URL` again first.',
  });
}
