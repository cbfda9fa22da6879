import { ArchiveFault, type BlobRef, type BlobStore } from '#archive';
import type { Catalog } from '#catalog';
import type { EntryOf, Ledger, LedgerStore } from '#ledger';
import { copySidecar } from './copy-batch.ts';

export interface ReplayParts {
  /** Of the source: it has the orders. */
  readonly catalog: Catalog;
  /** Of the source, opened for reading. */
  readonly ledger: Ledger;
  readonly from: LedgerStore;
  readonly to: { readonly archive: BlobStore; readonly ledgerStore: LedgerStore };
}

/**
 * Carries out on a copy what was carried out on the original and certified in its ledger: bytes, and the sidecar lines
 * that the certificate names. The one place besides `retention/` where stored bytes are destroyed; it decides nothing:
 * the order was judged, executed and certified before it comes here.
 * @returns how many stored copies were destroyed; 0 where the copy never had the message, or has it no more
 */
export async function replayDisposal(certificate: EntryOf<'disposed'>, parts: ReplayParts): Promise<number> {
  const { catalog, to } = parts;
  const { digest, generation, order } = certificate;
  const ordered = catalog.dispositions.byOrder(order);
  await liftHold({ digest, generation }, to.archive);
  const { versions } = await to.archive.dispose({
    digest,
    generation,
    order,
    orderedAt: ordered?.orderedAt ?? certificate.time,
  });
  await eraseSidecarLines(certificate.erased, parts);
  return versions;
}

/** The original had no hold when it was destroyed; that of the copy is from before its release. */
async function liftHold(ref: BlobRef, archive: BlobStore): Promise<void> {
  try {
    await archive.setLegalHolds([ref], false);
  } catch (thrown) {
    if (!(thrown instanceof ArchiveFault) || thrown.code !== 'not-found') throw thrown;
  }
}

async function eraseSidecarLines(sequences: readonly number[], parts: ReplayParts): Promise<void> {
  let done = 0;
  for (const sequence of [...sequences].sort((a, b) => a - b)) {
    if (sequence < done) continue;
    for await (const batch of parts.ledger.read(sequence, sequence + 1)) {
      await copySidecar(batch, parts.from, parts.to.ledgerStore);
      done = batch.first + batch.entries.length;
    }
  }
}
