import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { systemCodeOf } from '#kernel';
import { AppFault } from './app-fault.ts';
import { type ArchiveFolder, foldersOf } from './archive-folder.ts';

/**
 * For what is written beside an archive: a backup, an export, what is restored. By where the path leads, whatever links there are on the way.
 * @param given as it was typed
 * @param what the folder is
 * @throws AppFault `configuration-invalid` for a path in the archive's own folder
 */
export function refuseInsideArchive(
  path: string,
  given: string,
  folder: ArchiveFolder,
  what: 'archive' | 'backup' = 'archive',
): void {
  const way = placeOf(path);
  if (!foldersOf(folder).some((one) => liesIn(way, placeOf(one)))) return;
  throw new AppFault('configuration-invalid', `${given} lies in the ${what} itself: what takes one would take both.`, {
    remedy: 'Name a place elsewhere, on another disk at best.',
  });
}

/** Where a path leads; of what is not there yet, where it would be made. */
export function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'ENOENT' || dirname(path) === path) return path;
    return join(placeOf(dirname(path)), basename(path));
  }
}

function liesIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!/^\.\.(?:[\\/]|$)/u.test(way) && !isAbsolute(way));
}
