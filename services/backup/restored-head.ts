import type { Clock } from '#kernel';
import { Ledger, type LedgerHead, type LedgerStore } from '#ledger';

/**
 * What a restored ledger ends with: what whoever adopts it (`Ledger.adoptEpoch`) decides about.
 * @throws LedgerFault `no-ledger`, `damaged`
 */
export async function restoredHead(ledgerStore: LedgerStore, clock: Clock): Promise<LedgerHead> {
  await using ledger = await Ledger.open({ store: ledgerStore, clock });
  return ledger.head;
}
