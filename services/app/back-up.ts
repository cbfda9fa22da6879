import { backup, type BackupOptions, type BackupReport } from '#backup';
import { openBackupFolder } from './backup-folder.ts';
import type { Deployment } from './deployment.ts';
import { refuseInsideArchive } from './outside-archive.ts';
import { folderOf } from './store-urls.ts';

/**
 * Backs an opened archive up into the folder that a `file:` URL names.
 * @throws AppFault `configuration-invalid` for a folder of the archive itself; the faults of backup
 */
export async function backUp(
  deployment: Deployment,
  to: string,
  options: Omit<BackupOptions, 'clock' | 'to'>,
): Promise<BackupReport> {
  const { clock, folder } = deployment;
  refuseInsideArchive(folderOf(to, '--to'), to, folder);
  await using target = await openBackupFolder(to, clock, { create: true, name: '--to' });
  const accepted = () => target.forgetWords();
  return await backup(deployment, target, { ...options, clock, to, accepted, scratch: folder.spool });
}
