import { Fault } from '#kernel';

/**
 * - `out-exists`: something is there already; an export never writes over it.
 * - `out-unwritable`: the place cannot be written to. - `disk-full`: it has no room left; what was written is removed.
 * - `as-of-beyond`: the ledger does not reach that far. - `no-such-matter`, `no-holds`: nothing says what to export.
 * - `incomplete`: the search index cannot answer for everything up to `asOf`.
 * - `no-selection`: the order does not say what to export.
 * - `no-such-export`, `export-unfinished`, `disposed`: of exports in the background.
 * - `inconsistent`: an entry of the ledger is not what the tree says.
 * - `key-changed`: the ledger got another key while the export was written.
 */
export type ExportFaultCode =
  | 'out-exists'
  | 'out-unwritable'
  | 'disk-full'
  | 'as-of-beyond'
  | 'no-such-matter'
  | 'no-holds'
  | 'incomplete'
  | 'no-selection'
  | 'no-such-export'
  | 'export-unfinished'
  | 'disposed'
  | 'inconsistent'
  | 'key-changed';

export class ExportFault extends Fault<ExportFaultCode> {}
