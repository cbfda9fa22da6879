import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newId, systemCodeOf } from '#kernel';

/** Begins the name of a file that is still being written; a crash may leave one, and it means nothing. */
export const temporaryPrefix = '.tmp-';

/** Puts the bytes at a name that nobody has yet; false when somebody has it. Not durable before `syncFolder`. */
export async function createFile(folder: string, name: string, bytes: Uint8Array, mode?: number): Promise<boolean> {
  return await withTemporary(folder, bytes, mode, async (temporary) => {
    try {
      await link(temporary, join(folder, name));
      return true;
    } catch (thrown) {
      if (systemCodeOf(thrown) === 'EEXIST') return false;
      throw thrown;
    } finally {
      await unlinkIfThere(temporary);
    }
  });
}

/** Puts the bytes at a name in one step, whatever is there. Durable on return. */
export async function replaceFile(folder: string, name: string, bytes: Uint8Array, mode?: number): Promise<void> {
  await withTemporary(folder, bytes, mode, (temporary) => rename(temporary, join(folder, name)));
  await syncFolder(folder);
}

/** Written again where it is gone when it is wanted: another process has just opened the folder, and cleared away what a crash left. */
async function withTemporary<Result>(
  folder: string,
  bytes: Uint8Array,
  mode: number | undefined,
  use: (temporary: string) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const temporary = await writeTemporary(folder, bytes, mode);
    try {
      return await use(temporary);
    } catch (thrown) {
      if (systemCodeOf(thrown) !== 'ENOENT') throw thrown;
    }
  }
}

/** A new file below `folder`, its bytes on the medium on return; removed again when that fails. */
async function writeTemporary(folder: string, bytes: Uint8Array, mode = 0o644): Promise<string> {
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
