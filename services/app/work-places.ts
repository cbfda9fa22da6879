import type { Spool } from '#ingest';
import type { JobQueue, Leases } from '#jobs';
import type { Clock, Fault } from '#kernel';
import type { ArchiveFolder } from './archive-folder.ts';
import type { Config } from './config.ts';

/** What places for work are opened by. */
export interface PlacesOptions {
  readonly config: Config;
  readonly folder: ArchiveFolder;
  readonly clock: Clock;
  /** Told of what goes wrong and is borne, as often as it happens. */
  readonly onTrouble: (fault: Fault) => void;
}

/** Of the spool, whichever it is. */
export const spoolBytesMax = 64 * 1024 * 1024;

/** Where work waits for whoever is free: all of it may be lost, and is found again. */
export interface WorkPlaces {
  readonly queue: JobQueue;
  readonly leases: Leases;
  readonly spool: Spool;
}
