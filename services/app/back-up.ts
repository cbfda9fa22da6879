import { backup, type BackupOptions, type BackupReport } from '#backup';
import { openBackupFolder } from './backup-folder.ts';
import type { Deployment } from './compose.ts';

/** Backs an opened archive up into the folder that a `file:` URL names. */
export async function backUp(
  deployment: Deployment,
  to: string,
  options: Omit<BackupOptions, 'clock' | 'to'>,
): Promise<BackupReport> {
  const { clock } = deployment;
  await using target = await openBackupFolder(to, clock, { create: true, name: '--to' });
  return await backup(deployment, target, { ...options, clock, to });
}
