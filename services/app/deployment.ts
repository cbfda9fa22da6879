import type { BlobStore } from '#archive';
import type { Catalog, SeparateCatalog } from '#catalog';
import type { Exporter, ExportJobs } from '#export';
import type { CaptureTally, Indexing, Rereading, SourceRegistry, Spool } from '#ingest';
import type { Tokens } from '#identity';
import type { JobQueue, Leases } from '#jobs';
import type { Clock, Fault } from '#kernel';
import type { Ledger, LedgerStore } from '#ledger';
import type { LegalHolds, Matters, SavedSearches } from '#matters';
import type { Reading, Searching } from '#reading';
import type { Disposition, Retention } from '#retention';
import type { SearchIndex } from '#search';
import type { ArchiveFolder } from './archive-folder.ts';
import type { Config } from './config.ts';
import type { Followers } from './followers.ts';
import type { Secrets } from './secrets.ts';
import type { StorageStanding } from './storage-standing.ts';

/** One archive, opened: every part of it, put together in one process. */
export interface Deployment extends AsyncDisposable {
  readonly config: Config;
  readonly folder: ArchiveFolder;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  /** What disposals, exports and backups go by. */
  readonly truth: SeparateCatalog;
  readonly index: SearchIndex;
  readonly indexing: Indexing;
  readonly rereading: Rereading;
  readonly recorder: Followers;
  readonly queue: JobQueue;
  readonly leases: Leases;
  readonly spool: Spool;
  readonly sources: SourceRegistry;
  readonly reading: Reading;
  readonly searching: Searching;
  readonly matters: Matters;
  readonly savedSearches: SavedSearches;
  readonly holds: LegalHolds;
  readonly retention: Retention;
  readonly disposition: Disposition;
  readonly exporter: Exporter;
  readonly exports: ExportJobs;
  readonly tokens: Tokens;
  /** Whether storage may be called write-once. */
  readonly storageStanding: StorageStanding;
  /** How capture jobs ended in this process. */
  readonly captured: CaptureTally;
  /** Whether other processes may work on the same archive at the same time. */
  readonly isShared: boolean;
  /** Proves to the committer that a call comes from one of us. Undefined where nothing is handed over. */
  readonly handOverSecret: string | undefined;
  /** Where this process itself commits for others. */
  readonly ownAddresses: Set<string>;
  /** Takes capture jobs from now on, as long as it is open: commands that others sent here rely on it to the end. */
  startCapturing(): void;
  /** Restored and not adopted: everything that would append is refused. */
  readonly readOnly: boolean;
  /** What opening had to mend, one line each. */
  readonly notes: readonly string[];
}

export interface OpenOptions {
  /** Begin an archive where there is none. */
  readonly create: boolean;
  /** Whether this process takes capture jobs from the beginning; false where `serve` decides it by its roles. */
  readonly captures?: boolean;
  readonly onProgress?: (position: number, of: number) => void;
  /** Told of what goes wrong with servers and is borne: each sentence once a minute. */
  readonly onTrouble?: (fault: Fault) => void;
}

/** A deployment while it is being put together. */
export type Parts = Omit<Deployment, typeof Symbol.asyncDispose | 'notes'> & { readonly notes: string[] };
