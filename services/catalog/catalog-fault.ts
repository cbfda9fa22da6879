import { Fault } from '#kernel';

/**
 * `catalog-damaged`: the derived file cannot be read; deleting it and folding the ledger again mends it. `catalog-differs`: it
 * says what the ledger does not.
 */
export type CatalogFaultCode = 'catalog-damaged' | 'catalog-differs' | 'not-found' | 'ambiguous';

export class CatalogFault extends Fault<CatalogFaultCode> {}
