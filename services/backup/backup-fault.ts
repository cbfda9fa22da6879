import { Fault } from '#kernel';

export type BackupFaultCode =
  /** The target is the backup of another archive, or holds something that is no backup. */
  | 'target-foreign'
  /** The target holds entries that this archive does not have: it was restored from an earlier state, or cut. */
  | 'target-ahead'
  /** Read back after the copy, or compared in full, the target is not what was written. */
  | 'target-damaged'
  /** Messages of the archive could not be read, so the backup is not complete. */
  | 'source-damaged'
  /** A restore needs an archive with nothing in it. */
  | 'not-empty'
  | 'nothing-to-restore'
  /** Stopped on request; the next run continues. */
  | 'interrupted';

export class BackupFault extends Fault<BackupFaultCode> {}
