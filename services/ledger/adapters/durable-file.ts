import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newId, systemCodeOf } from '#kernel';

/** Begins the name of a file that is still being written; a crash may leave one, and it means nothing. */
export const temporaryPrefix = '.tmp-';

/** Writes the bytes to a new file below `folder`, on the medium on return; removes it again when that fails. */
export async function writeTemporary(folder: string, bytes: Uint8Array, mode = 0o644): Promise<string> {
  const path = join(folder, `${temporaryPrefix}${newId()}`);
  try {
    await using file = await open(path, 'wx', mode);
    await file.writeFile(bytes);
    await file.datasync();
  } catch (thrown) {
    // After a failed fsync the kernel may have dropped the pages: the file is given up, never synced again.
    await unlinkIfThere(path);
    throw thrown;
  }
  return path;
}

/** Gives the file a name that nobody has yet; false when somebody has it. Not durable before `syncFolder`. */
export async function linkExclusively(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  } finally {
    await unlinkIfThere(temporary);
  }
}

export async function replaceFile(folder: string, name: string, bytes: Uint8Array, mode?: number): Promise<void> {
  const temporary = await writeTemporary(folder, bytes, mode);
  await rename(temporary, join(folder, name));
  await syncFolder(folder);
}

export async function syncFolder(folder: string): Promise<void> {
  await using handle: FileHandle = await open(folder, constants.O_RDONLY);
  await handle.sync();
}

export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'ENOENT') throw thrown;
  }
}
