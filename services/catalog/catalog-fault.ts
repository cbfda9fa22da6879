import { Fault } from '#kernel';

/** `catalog-damaged`: the derived file cannot be read; deleting it and folding the ledger again mends it. */
export type CatalogFaultCode = 'catalog-damaged' | 'not-found' | 'ambiguous';

export class CatalogFault extends Fault<CatalogFaultCode> {}
