import { createPrivateKey } from 'node:crypto';
import type { Clock } from '#kernel';
import { Ledger, type LedgerStore, type TreeHead } from '#ledger';
import { FileSigner } from '../../ledger/adapters/file-signer.ts';
import { MemorySigner } from '../../ledger/adapters/memory-signer.ts';
import { signingKeyFile } from '../open-ledger.ts';
import type { Secrets } from '../secrets.ts';
import type { Io } from './io.ts';

/**
 * What this machine's key signed last: a ledger that is shorter was cut. Undefined where that cannot be known, which is
 * noted: a cut between two batches is then not seen.
 * @throws LedgerFault `damaged`: the files of the ledger's own key
 */
export async function lastSigned(
  secrets: Secrets,
  ledger: { readonly ledgerStore: LedgerStore; readonly clock: Clock },
  io: Pick<Io, 'note'>,
): Promise<TreeHead | undefined> {
  const known = await knownOf(secrets, ledger);
  if (typeof known !== 'string') return known;
  io.note(`note: the last checkpoint that the signer signed could not be compared with the ledger: ${known}`);
  return undefined;
}

/** Or why it is not known. */
async function knownOf(
  secrets: Secrets,
  ledger: { readonly ledgerStore: LedgerStore; readonly clock: Clock },
): Promise<TreeHead | string> {
  const pem = secrets.read(signingKeyFile);
  if (pem === undefined) return `there is no signing key at ${secrets.path(signingKeyFile)}`;
  const publicKey = await publicKeyOf(ledger.ledgerStore, ledger.clock);
  // Looked at before the file beside it, which may still be that of the ledger's key.
  if (publicKey !== undefined && isForeign(pem, publicKey)) return "the signing key is not the ledger's";
  const signer = await FileSigner.open(secrets.path(signingKeyFile));
  return (await signer.lastSigned()) ?? 'there is no record of it beside the signing key';
}

function isForeign(pem: string, publicKey: string): boolean {
  try {
    return new MemorySigner(createPrivateKey(pem)).publicKey !== publicKey;
  } catch {
    // Damaged: opening it says how.
    return false;
  }
}

/** Undefined for a ledger that cannot be opened: what is wrong with it is found elsewhere. */
async function publicKeyOf(store: LedgerStore, clock: Clock): Promise<string | undefined> {
  try {
    await using ledger = await Ledger.open({ store, clock });
    return ledger.head.publicKey;
  } catch {
    return undefined;
  }
}
