import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '#kernel';
import { AppFault } from './app-fault.ts';
import type { ArchiveFolder } from './archive-folder.ts';

const schema = z.strictObject({ from: z.string(), state: z.enum(['copying', 'complete']) });

/** Stands in an archive's folder from the beginning of a restore to its adoption: what is here ended with a backup. */
export type RestoredMarker = z.infer<typeof schema>;

export function readRestoredMarker(folder: ArchiveFolder): RestoredMarker | undefined {
  if (!existsSync(folder.restoredFile)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(folder.restoredFile, 'utf8')));
  } catch (cause) {
    throw new AppFault('not-an-archive', `${folder.restoredFile} cannot be read: ${messageOf(cause)}`, {
      remedy: 'Restore into another, empty folder.',
      cause,
    });
  }
}

/** Whole or not at all, durable on return. */
export function writeRestoredMarker(folder: ArchiveFolder, marker: RestoredMarker): void {
  const temporary = `${folder.restoredFile}.new`;
  const handle = openSync(temporary, 'w', 0o600);
  writeFileSync(handle, `${JSON.stringify(marker)}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(temporary, folder.restoredFile);
}

export function removeRestoredMarker(folder: ArchiveFolder): void {
  rmSync(folder.restoredFile, { force: true });
}
