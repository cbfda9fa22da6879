import { isAbsolute, relative } from 'node:path';
import { backup, type BackupOptions, type BackupReport } from '#backup';
import { AppFault } from './app-fault.ts';
import { openBackupFolder } from './backup-folder.ts';
import type { Deployment } from './deployment.ts';
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
  if (liesIn(folderOf(to, '--to'), folder.root)) throw insideArchive(to);
  await using target = await openBackupFolder(to, clock, { create: true, name: '--to' });
  return await backup(deployment, target, { ...options, clock, to, scratch: folder.spool });
}

function liesIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!/^\.\.(?:[\\/]|$)/u.test(way) && !isAbsolute(way));
}

function insideArchive(to: string): AppFault {
  return new AppFault('configuration-invalid', `${to} lies in the archive itself: what takes one would take both.`, {
    remedy: 'Name a folder elsewhere, on another disk at best.',
  });
}
