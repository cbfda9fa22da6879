import { type HashTiles, LedgerFault } from '#ledger';
import type { Catalog } from './catalog.ts';

/**
 * Signs or proves something by the hash tiles of a catalog, which is folded further as long as that helps: what was signed last, and
 * must be agreed with, may be of more entries than the catalog had when it was asked for.
 * @param fold gives the catalog with everything in it that was committed before the call
 */
export async function byTiles<T>(fold: () => Promise<Catalog>, use: (tiles: HashTiles) => Promise<T>): Promise<T> {
  for (let tried = -1; ;) {
    const catalog = await fold();
    const position = catalog.position();
    try {
      return await use(catalog.tiles);
    } catch (thrown) {
      const isBehind = thrown instanceof LedgerFault && thrown.code === 'not-reached' && position > tried;
      if (!isBehind) throw thrown;
      tried = position;
    }
  }
}
