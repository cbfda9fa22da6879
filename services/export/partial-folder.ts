import { constants } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '#kernel';
import { ExportFault } from './export-fault.ts';
import { fileNames } from './layout.ts';

const openFilesMax = 64;

/** Makes `<out>.partial` anew, empty. One that an interrupted export left is replaced; one of somebody else is not. */
export async function makePartialFolder(out: string): Promise<string> {
  const partial = `${out}.partial`;
  const left = await namesIn(partial);
  // The list of sums is the first file that an export makes.
  if (left.length > 0 && !left.includes(fileNames.sums)) throw outExists(partial);
  await rm(partial, { recursive: true, force: true });
  await mkdir(dirname(out), { recursive: true });
  await mkdir(partial, { mode: 0o700 });
  return partial;
}

/** @throws ExportFault `out-exists` unless there is nothing, or an empty folder where a folder is wanted */
export async function refuseUnlessFree(out: string, wanted: 'folder' | 'file'): Promise<void> {
  const found = await kindOf(out);
  if (found === undefined) return;
  if (wanted === 'folder' && found === 'folder' && (await namesIn(out)).length === 0) return;
  throw outExists(out);
}

export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY);
  await handle.sync();
}

/**
 * A folder's files and the folder itself. At the end and not file by file: by then most is written, and the first file
 * takes the journal of all with it.
 */
export async function syncFiles(folder: string): Promise<void> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  for (let from = 0; from < files.length; from += openFilesMax) {
    const some = files.slice(from, from + openFilesMax);
    await Promise.all(some.map(({ name }) => syncFile(join(folder, name))));
  }
  await syncFolder(folder);
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, constants.O_RDONLY);
  await file.datasync();
}

async function kindOf(path: string): Promise<'folder' | 'other' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const kind = await kindOf(folder);
  if (kind === undefined) return [];
  return kind === 'folder' ? await readdir(folder) : [''];
}

function outExists(path: string): ExportFault {
  return new ExportFault('out-exists', `${path} is there already.`, {
    remedy: 'Choose another place, or move what is there away: an export never writes over anything.',
    facts: { path },
  });
}
