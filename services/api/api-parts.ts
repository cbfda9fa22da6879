import type { FailedProbe, LockKeeper, Worm } from '#catalog';
import type { ExportJobs } from '#export';
import type { Tokens } from '#identity';
import type { SourceRegistry } from '#ingest';
import type { LegalHolds, Matters, SavedSearches } from '#matters';
import type { Reading, Searching } from '#reading';
import type { Metrics } from './metrics.ts';

/** What the API speaks for. It holds no state of its own. */
export interface ApiParts {
  readonly reading: Reading;
  readonly searching: Searching;
  readonly matters: Matters;
  readonly savedSearches: SavedSearches;
  readonly holds: LegalHolds;
  readonly sources: Pick<SourceRegistry, 'list' | 'get'>;
  readonly exports: ExportJobs;
  readonly tokens: Tokens;
  readonly metrics: Metrics;
  /** What `muniment status` says. */
  status(): Promise<Status>;
}

export interface Status {
  readonly entries: number;
  readonly root: string;
  readonly origin: string;
  /** Of the key that signs the ledger now: what exports have in the first line of `public-key.txt`. */
  readonly verifierKey: string;
  readonly epoch: number;
  readonly messages: number;
  readonly disposed: number;
  readonly sightings: number;
  readonly bytes: number;
  /** Every entry below this sequence is in the search index; null where that cannot be asked. */
  readonly indexedThrough: number | null;
  /** Why the search index cannot be asked, or brought up. */
  readonly indexTrouble: { readonly code: string; readonly message: string; readonly remedy: string } | null;
  readonly complete: boolean;
  readonly activeHolds: number;
  readonly retention: string | null;
  /** Until when, at the longest, anything archived must be kept by this or an earlier schedule, ISO 8601. */
  readonly promisedUntil: string | null;
  /** Who keeps the lock on stored bytes. */
  readonly lock: LockKeeper;
  /** Whether storage may be called write-once: only while `standing` is `sound`. */
  readonly worm: {
    readonly standing: Worm;
    /** The ledger entry since which it is so. */
    readonly since: number | null;
    /** When attacks on the lock were refused last, ISO 8601; null where it is not proven. */
    readonly provenAt: string | null;
    /** The probes that failed, and what each saw, while it is withdrawn. */
    readonly failed: readonly FailedProbe[];
  };
  readonly readOnly: boolean;
}
