export { backup, type BackupOptions, type BackupReport, type BackupSource } from './backup.ts';
export * from './backup-fault.ts';
export type { CopyOptions, CopyPhase, CopyProgress } from './copy-progress.ts';
export { restore, type RestoreOptions, type RestoreReport } from './restore.ts';
export type { StoredArchive } from './stored-archive.ts';
export { restoredHead } from './restored-head.ts';
