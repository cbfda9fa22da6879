import { MemoryLedgerStore } from '../../services/ledger/adapters/memory-ledger-store.ts';
import { ledgerStoreContract } from './ledger-store.ts';

ledgerStoreContract(async () => {
  const store = new MemoryLedgerStore();
  return { store, reopened: async () => store };
});
