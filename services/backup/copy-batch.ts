import { type LedgerBatch, LedgerFault, type LedgerStore, sidecarName } from '#ledger';

/** Copies one batch, its sidecar first, so that no batch is ever without it. Repeatable. @throws LedgerFault `inconsistent-history` */
export async function copyBatch(batch: LedgerBatch, from: LedgerStore, to: LedgerStore): Promise<void> {
  await copySidecar(batch, from, to);
  const bytes = await from.read(batch.first);
  if (bytes === undefined) throw lost(batch.first);
  if ((await to.create(batch.first, bytes)) === 'created') return;
  if ((await to.read(batch.first))?.equals(bytes) !== true) throw differs(batch.first);
}

/**
 * Makes the copy of a sidecar what the original is. The only change there can be to an original that was checked when
 * `batch` was read is that lines were lawfully erased; the copy then loses them too.
 */
export async function copySidecar(batch: LedgerBatch, from: LedgerStore, to: LedgerStore): Promise<void> {
  const name = sidecarName(batch.first, batch.batchId);
  const original = await from.readSidecar(name);
  if (original === undefined) return;
  const copy = await to.readSidecar(name);
  if (copy === undefined) await to.putSidecar(name, original);
  else if (!copy.equals(original)) await to.eraseFromSidecar(name, original);
}

function lost(first: number): LedgerFault {
  return new LedgerFault('damaged', `ledger batch ${first} vanished while it was copied`, {
    remedy: 'Run `muniment verify`, and put the batch back from a backup.',
    facts: { first },
  });
}

function differs(first: number): LedgerFault {
  return new LedgerFault('inconsistent-history', `the copy has another ledger batch at ${first}`, {
    remedy: 'Copy to a new folder, and keep this one: one of the two was changed.',
    facts: { first },
  });
}
