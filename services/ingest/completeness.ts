/** The sum of one collection. It always adds up: found = captured + alreadyArchived + failed. */
export interface Completeness {
  /** Every message that the source listed or a file held. */
  readonly found: number;
  /** New bytes. */
  readonly captured: number;
  /** Bytes that were archived before; a sighting was added where this one was new. */
  readonly alreadyArchived: number;
  /** Could not be had, or vanished before it could; each is named in `failures`. */
  readonly failed: number;
  /** Files that are no candidates for the chosen format. Not part of `found`. */
  readonly ignored: number;
}

export interface Failure {
  /** Where: a path, or mailbox and UID. */
  readonly place: string;
  readonly reason: string;
}

/** Counts while a collection runs. */
export class Tally implements Completeness {
  found = 0;
  captured = 0;
  alreadyArchived = 0;
  failed = 0;
  ignored = 0;
  /** Sightings added to messages that were archived before; part of `alreadyArchived`. */
  sighted = 0;
  bytes = 0;
  /** Messages by the custodian whose they were taken to be. */
  readonly custodians = new Map<string, number>();
  readonly failures: Failure[] = [];
  readonly ignoredFiles: { readonly path: string; readonly why: string }[] = [];

  fail(place: string, reason: string): void {
    this.found += 1;
    this.failed += 1;
    this.failures.push({ place, reason });
  }

  ignore(path: string, why: string): void {
    this.ignored += 1;
    this.ignoredFiles.push({ path, why });
  }

  /** Whether the run changed what the archive knows. */
  get changed(): boolean {
    return this.captured + this.sighted + this.failed > 0;
  }
}
