import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { StoredArchive } from '#backup';
import type { Clock } from '#kernel';
import { AppFault } from './app-fault.ts';
import { archiveFolder, type ArchiveFolder, isArchive, prepareFolder } from './archive-folder.ts';
import { ArchiveLock } from './archive-lock.ts';
import { openFolderStores } from './stores.ts';
import { folderOf } from './store-urls.ts';

/** A backup in a folder, opened. */
export interface BackupFolder extends StoredArchive, AsyncDisposable {
  /** Removes what commands on the backup itself have derived there: a disposal that is carried out in it reaches none of that. */
  forgetWords(): Promise<void>;
}

/** Opens the folder of a backup, for this process alone. @throws AppFault `no-archive`, `not-an-archive`, `in-use` */
export async function openBackupFolder(
  url: string,
  clock: Clock,
  options: { readonly create: boolean; readonly name: string },
): Promise<BackupFolder> {
  const folder = archiveFolder(folderOf(url, options.name));
  if (!options.create) requireBackup(folder, options.name);
  prepareFolder(folder);
  await using opening = new AsyncDisposableStack();
  const lock = ArchiveLock.tryTake(folder.lockFile);
  if (lock === undefined) {
    throw new AppFault('in-use', `Another process is using the backup in ${folder.root}.`, {
      remedy: 'Wait for it to end.',
    });
  }
  opening.use(lock);
  const { archive, ledgerStore } = opening.use(await openFolderStores(folder, clock));
  const resources = opening.move();
  return {
    archive,
    ledgerStore,
    forgetWords: () => forgetWords(folder),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** @param option what names it @throws AppFault `no-archive`, `not-an-archive` */
export function requireBackup(folder: ArchiveFolder, option: string): void {
  if (isArchive(folder)) return;
  throw new AppFault('no-archive', `There is no backup in ${folder.root}.`, {
    remedy: `Name the folder of one with ${option}.`,
  });
}

async function forgetWords({ derived, locatorFile }: ArchiveFolder): Promise<void> {
  const names = await readdir(derived);
  const forgotten = names.filter((name) => !name.startsWith(basename(locatorFile)));
  for (const name of forgotten) await rm(join(derived, name), { recursive: true, force: true });
}
