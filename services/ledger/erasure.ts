import type { BatchReader } from './batch-reader.ts';
import { asideLines, fitting } from './batch-reader.ts';
import { damagedBatch } from './batch-file.ts';
import { packErasedSidecar, sidecarName } from './sidecar.ts';

/** Empties the sidecar lines of the entries with these indexes in the batch at `first`. @throws LedgerFault `damaged` */
export async function eraseAsides(reader: BatchReader, first: number, indexes: readonly number[]): Promise<void> {
  const file = await reader.file(first);
  if (file === undefined) throw damagedBatch(first, 'it is missing');
  if (file.header.sidecar === null) return;
  const name = sidecarName(first, file.header.batch);
  const fits = fitting(file.header.sidecar);
  // Until no other process has erased other lines in between: those must not come back.
  for (let outcome = 'changed'; outcome === 'changed';) {
    const bytes = await reader.sidecar(file);
    const lines = asideLines(file, bytes);
    // Also lines that are empty already: what made them so may have failed before the earlier bytes were gone.
    const erased = new Set(indexes.filter((index) => lines[index] !== undefined));
    if (bytes === undefined || erased.size === 0) return;
    const remaining = lines.map((line, index) => (erased.has(index) ? '' : line)).filter((line) => line !== undefined);
    outcome = await reader.store.eraseFromSidecar(name, packErasedSidecar(remaining), { bytes, fits });
  }
}

/** The position and the batch id in a sidecar's name; undefined where it is none. */
export function sidecarOwner(name: string): { readonly first: number; readonly batchId: string } | undefined {
  const [, first, batchId] = /^([0-9a-f]{16})-([0-9a-f]{32})$/u.exec(name) ?? [];
  return first === undefined || batchId === undefined ? undefined : { first: Number.parseInt(first, 16), batchId };
}

/** A sidecar is orphaned when its position was taken by another batch. Returns how many were emptied. */
export async function eraseOrphanedSidecars(reader: BatchReader, size: number): Promise<number> {
  let erased = 0;
  for await (const name of reader.store.listSidecars()) {
    const owner = sidecarOwner(name);
    if (owner === undefined || owner.first >= size) continue;
    const file = await reader.file(owner.first);
    if (file?.header.batch === owner.batchId || (await reader.store.readSidecar(name))?.length === 0) continue;
    await reader.store.eraseFromSidecar(name, Buffer.alloc(0));
    erased++;
  }
  return erased;
}
