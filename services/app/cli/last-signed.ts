import { type Clock, messageOf } from '#kernel';
import { Ledger, type LedgerStore, type TreeHead } from '#ledger';
import { FileSigner } from '../../ledger/adapters/file-signer.ts';
import type { Secrets } from '../secrets.ts';
import type { Io } from './io.ts';

/**
 * What this machine's key signed last: a ledger that is shorter was cut. Undefined where that cannot be known, which is
 * noted: a cut between two batches is then not seen.
 */
export async function lastSigned(
  secrets: Secrets,
  ledger: { readonly ledgerStore: LedgerStore; readonly clock: Clock },
  io: Pick<Io, 'note'>,
): Promise<TreeHead | undefined> {
  const known = await knownOf(secrets, ledger).catch((fault: unknown) => messageOf(fault));
  if (typeof known !== 'string') return known;
  io.note(`note: the last checkpoint that the signer signed could not be compared with the ledger: ${known}`);
  return undefined;
}

/** Or why it is not known. */
async function knownOf(
  secrets: Secrets,
  ledger: { readonly ledgerStore: LedgerStore; readonly clock: Clock },
): Promise<TreeHead | string> {
  const signer = await FileSigner.open(secrets.path('signing-key.pem'));
  const publicKey = await publicKeyOf(ledger.ledgerStore, ledger.clock);
  if (publicKey !== undefined && publicKey !== signer.publicKey) return "the signing key is not the ledger's";
  return (await signer.lastSigned()) ?? 'there is no record of it beside the signing key';
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
