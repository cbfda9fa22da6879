import type { Worm } from '#catalog';

/** What is exported: the hits of a query, what the active holds of a matter (its id or name) match, or everything. */
export type ExportSelection = { readonly query: string } | { readonly matter: string } | { readonly all: true };

export type ExportFormat = 'eml' | 'mbox';

export interface ExportOrder {
  readonly selection: ExportSelection;
  /** A folder that is not there or empty, or a file ending in `.zip` that is not there. */
  readonly out: string;
  readonly format: ExportFormat;
  /** The last sequence that counts; by default the newest before the export's own entry. */
  readonly asOf?: number | undefined;
}

export interface ExportProgress {
  /** Messages dealt with so far, exported or listed as exceptions. */
  readonly done: number;
  readonly total: number;
  /** Bytes of messages exported so far. */
  readonly bytes: number;
}

export interface ExportOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
}

export interface ExportSummary {
  readonly exportId: string;
  /** Of the export's own entry in the ledger. */
  readonly sequence: number;
  readonly asOf: number;
  /** Whether storage could be called write-once as of `asOf`: what the export says. */
  readonly worm: Worm;
  /** Messages that the selection names as of `asOf`. */
  readonly selected: number;
  readonly exported: number;
  /** Bytes of the exported messages. */
  readonly bytes: number;
  /** Listed in `exceptions.jsonl` and not exported. The export is complete when there is none. */
  readonly exceptions: number;
  /** Exported with a matter although they could not be read well enough to tell whether its holds match them. */
  readonly unjudged: number;
  /** Exported, with a remark in `exceptions.jsonl`: parts of them nobody could search. */
  readonly remarks: number;
  readonly out: string;
}
