import { BackupFault } from './backup-fault.ts';

export type CopyPhase = 'messages' | 'read-back' | 'ledger' | 'check';

/** How far a copy is. `total` is undefined where it is not known before the end. */
export interface CopyProgress {
  readonly phase: CopyPhase;
  /** Messages, or entries of the ledger. */
  readonly done: number;
  readonly total: number | undefined;
  /** Bytes of messages so far. */
  readonly bytes: number;
}

export interface CopyOptions {
  /** Where messages that are too large for memory lie on their way; by default among the system's temporary files. */
  readonly scratch?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/** @throws BackupFault `interrupted`; what was copied so far stays, and counts in the next run */
export function goOnUnlessAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new BackupFault('interrupted', 'The copy was stopped before it was complete.', {
    remedy: 'Run the same command again: it continues where this one stopped.',
  });
}
