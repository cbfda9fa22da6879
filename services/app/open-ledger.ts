import { existsSync } from 'node:fs';
import { newId, systemClock } from '#kernel';
import { type HandOver, Ledger, LedgerFault, type LedgerStore } from '#ledger';
import { FileSigner } from '../ledger/adapters/file-signer.ts';
import { AppFault } from './app-fault.ts';
import type { Secrets } from './secrets.ts';

export interface LedgerAccess {
  readonly create: boolean;
  readonly readOnly: boolean;
  /** The way to the process that commits for all, where there are several. */
  readonly handOver: HandOver | undefined;
}

/** Where many processes write, a batch waits so long for company. */
const sharedLingerMs = 10;

export const signingKeyFile = 'signing-key.pem';

/**
 * Opens the archive's ledger, or begins it.
 * @throws AppFault `secret-missing`, `no-archive`; LedgerFault
 */
export async function openLedger(
  store: LedgerStore,
  secrets: Secrets,
  { create, readOnly, handOver }: LedgerAccess,
): Promise<Ledger> {
  const clock = systemClock;
  if (readOnly) return Ledger.open({ store, clock });
  const isEmpty = (await store.newest()) === undefined;
  const signer = await openSigner(secrets, isEmpty && create);
  const options = { store, signer, clock, ...(handOver !== undefined && { handOver, lingerMs: sharedLingerMs }) };
  const begin = () => Ledger.create({ ...options, origin: `muniment/${newId()}`, actor: 'cli' });
  return (isEmpty ? await unlessThere(begin()) : undefined) ?? (await Ledger.open(options));
}

/** Only a new ledger gets a new key: a lost one must be noticed, not replaced. */
async function openSigner(secrets: Secrets, isNew: boolean): Promise<FileSigner> {
  const keyFile = secrets.path(signingKeyFile);
  if (existsSync(keyFile)) return FileSigner.open(keyFile);
  if (!isNew) throw noKey(keyFile);
  secrets.prepare();
  return (await unlessThere(FileSigner.create(keyFile))) ?? (await FileSigner.open(keyFile));
}

/** Another process may be beginning the same archive: then what it made is used. */
async function unlessThere<T>(made: Promise<T>): Promise<T | undefined> {
  try {
    return await made;
  } catch (thrown) {
    if (thrown instanceof LedgerFault && thrown.code === 'already-exists') return undefined;
    throw thrown;
  }
}

function noKey(keyFile: string): AppFault {
  return new AppFault('secret-missing', `The archive's signing key is not at ${keyFile}.`, {
    remedy:
      'Check SECRETS_DIR, or put the key back from where it is kept. If it is lost for good: restore a backup into a new folder and adopt it.',
  });
}
