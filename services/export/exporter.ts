import { asSequence, Fault, newName, systemCodeOf } from '#kernel';
import type { BlobStore } from '#archive';
import { byTiles, type Catalog, type Recorder, type SeparateCatalog, type WormStanding } from '#catalog';
import { type HashTiles, isSignedBy, verifyCheckpoint } from '#ledger';
import { type SearchIndex, TimeZone, withAbsoluteDates } from '#search';
import { explanation } from './explanation.ts';
import { ExportFault } from './export-fault.ts';
import { ExportFiles } from './export-files.ts';
import type { ExportTarget } from './export-target.ts';
import { FolderTarget } from './folder-target.ts';
import { fileNames } from './layout.ts';
import type { ExportOptions, ExportOrder, ExportSelection, ExportSummary } from './order.ts';
import type { ProductionCounts } from './production.ts';
import { publicKeyFile } from './public-key.ts';
import { select, type Selected } from './selecting.ts';
import { standingAsOf, standingFile } from './storage-statement.ts';
import { ZipTarget } from './zip-target.ts';

export interface ExporterParts {
  readonly recorder: Recorder;
  /** What an export contains and says of each message is what this says, and not the recorder's catalog. */
  readonly truth: SeparateCatalog;
  readonly archive: BlobStore;
  readonly index: SearchIndex;
  /** Of dates that name none. */
  readonly timeZone?: TimeZone;
}

interface Planned {
  readonly order: ExportOrder;
  readonly asOf: number;
  /** The ledger folded for this process alone, beyond `asOf`. */
  readonly truth: Catalog;
  readonly selected: Selected;
  readonly standing: WormStanding;
}

/**
 * Hands messages out, with all that a stranger needs to check them. The same selection as of the same sequence in the same
 * format gives the same files, whatever was recorded since. All that is said of a message comes from the ledger, folded anew in
 * this process: the archive's catalog is a file that others can write to. What is written is below `<out>.partial` until it
 * is whole.
 */
export class Exporter {
  readonly #parts: ExporterParts;

  constructor(parts: ExporterParts) {
    this.#parts = parts;
  }

  /**
   * Recorded in the ledger before the first byte of content is written.
   * The first one of a process waits until it has read the ledger.
   * @throws ExportFault; CatalogFault `catalog-differs`; SearchFault `query-invalid`; ArchiveFault, LedgerFault where their media
   *   fail; the signal's reason
   */
  async export(order: ExportOrder, actor: string, options: ExportOptions = {}): Promise<ExportSummary> {
    options.signal?.throwIfAborted();
    const planned = await this.#plan(order);
    try {
      await using target = await openTarget(order.out);
      const summary = await this.#produce(planned, target, { actor, options });
      await target.finish();
      return summary;
    } catch (thrown) {
      throw outFault(thrown, order.out);
    }
  }

  async #plan(order: ExportOrder): Promise<Planned> {
    const { recorder, archive, index } = this.#parts;
    const truth = await this.#parts.truth.folded();
    const newest = truth.position() - 1;
    // The index is up with that afterwards; what is committed meanwhile does not count.
    await recorder.catchUp();
    const asOf = order.asOf ?? newest;
    if (asOf < 0 || asOf > newest) {
      throw new ExportFault('as-of-beyond', `The ledger goes from sequence 0 to ${newest}; ${asOf} is not in it.`, {
        remedy: 'Give one of these sequences, or none for the newest.',
      });
    }
    const { ledger, catalog } = recorder;
    const selection = absolute(order.selection, this.#parts.timeZone ?? TimeZone.utc);
    const selected = await select({ ledger, truth, archive, index, followed: catalog }, selection, asOf);
    const standing = await standingAsOf({ ledger, catalog: truth }, archive.capabilities.lock, asOf);
    return { order, asOf, truth, selected, standing };
  }

  async #produce(
    planned: Planned,
    target: ExportTarget,
    by: { readonly actor: string; readonly options: ExportOptions },
  ): Promise<ExportSummary> {
    const { order, asOf, truth, selected, standing } = planned;
    const exportId = newName('export');
    const sequence = await this.#record(planned, exportId, by.actor);
    await using files = await ExportFiles.open(target);
    const { archive, recorder } = this.#parts;
    const { ledger } = recorder;
    const { publicKey } = ledger.head;
    const checkpoint = await this.#writeChecks(files, planned, publicKey);
    // It reads messages: who exports nothing need not load how.
    const { Production } = await import('./production.ts');
    const production = await Production.open({ ledger, truth, archive, files, format: order.format, asOf, checkpoint });
    const counts: ProductionCounts = await production.write(selected, by.options);
    await files.finish((sums) => this.#sign(sums, publicKey));
    const { worm } = standing;
    return { exportId, sequence, asOf, worm, selected: selected.sequences.size, ...counts, out: order.out };
  }

  async #record({ order, asOf, selected }: Planned, exportId: string, actor: string): Promise<number> {
    const { query, matter, sequences } = selected;
    const { out, format } = order;
    const aside = { query, out, ...(matter !== undefined && { matter: matter.id }) };
    const count = sequences.size;
    const entry = { kind: 'export' as const, actor, export: exportId, asOf: asSequence(asOf), format, count, aside };
    const appended = await this.#parts.recorder.ledger.append([entry]);
    if (appended.outcome !== 'appended') throw new Error('an append without judgement cannot be stale');
    return appended.sequences[0] ?? asOf;
  }

  /** The explanation, the checkpoint, and the key that it is known to be signed with. */
  async #writeChecks(files: ExportFiles, planned: Planned, publicKey: string): Promise<string> {
    const { order, asOf, selected, standing } = planned;
    const { recorder, truth: folding } = this.#parts;
    const sign = (tiles: HashTiles) => recorder.ledger.checkpoint(tiles, asOf + 1);
    const checkpoint = await byTiles(() => folding.folded(), sign);
    const { origin } = verifyCheckpoint(checkpoint, publicKey);
    await files.putText(fileNames.explanation, explanation({ selected, format: order.format, asOf, standing }));
    await files.putText(fileNames.storage, standingFile(standing, asOf));
    await files.putText(fileNames.checkpoint, checkpoint);
    await files.putText(fileNames.publicKey, publicKeyFile(origin, publicKey));
    return checkpoint;
  }

  async #sign(sums: Buffer, publicKey: string): Promise<Uint8Array> {
    const signature = await this.#parts.recorder.ledger.attest(sums);
    if (isSignedBy(publicKey, sums, signature)) return signature;
    throw new ExportFault('key-changed', 'The key of the ledger was changed while the export was written.', {
      remedy: 'Export again: all of it is then signed by the new key.',
    });
  }
}

async function openTarget(out: string): Promise<ExportTarget> {
  return out.toLowerCase().endsWith('.zip') ? await ZipTarget.open(out) : await FolderTarget.open(out);
}

/** What the system says of the place that is written to, in our words. */
function outFault(thrown: unknown, out: string): unknown {
  const code = systemCodeOf(thrown);
  if (thrown instanceof Fault || code === undefined || !/^E[A-Z0-9]+$/u.test(code)) return thrown;
  const facts = { out, code };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ExportFault('disk-full', `There is no room left for the export at ${out}.`, {
      remedy: 'Make room or choose another place, then export again; what was written has been removed.',
      cause: thrown,
      facts,
    });
  }
  return new ExportFault('out-unwritable', `The export cannot be written to ${out}: ${code}.`, {
    remedy: 'Choose a place that can be written to, then export again.',
    cause: thrown,
    facts,
  });
}

function absolute(selection: ExportSelection, timeZone: TimeZone): ExportSelection {
  return 'query' in selection ? { query: withAbsoluteDates(selection.query, timeZone) } : selection;
}
