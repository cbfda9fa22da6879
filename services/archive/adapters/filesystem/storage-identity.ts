import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '#kernel';
import { ArchiveFault } from '../../archive-fault.ts';
import { isIdentity, syncFolder } from './segment-files.ts';

/**
 * Refuses a folder of segments that is not the archive's: a volume that is not mounted leaves an empty one, and what is written
 * there would be taken for all there is. The same name stands in `file`, on the volume of the ledger, and as a file among the
 * segments. Where only one of them is there, it is an archive being made, or of an earlier version: the other is made.
 * @throws ArchiveFault `store-unavailable`
 */
export async function confirmIdentity(folder: string, file: string): Promise<void> {
  const [found] = (await readdir(folder)).filter(isIdentity).sort();
  const expected = await readIdentity(file);
  if (expected === undefined) {
    const name = found ?? `storage-${randomBytes(8).toString('hex')}`;
    if (found === undefined) await makeIdentity(folder, name);
    await writeIdentity(file, name);
  } else if (!(await readdir(folder)).includes(expected)) {
    throw new ArchiveFault('store-unavailable', `The messages of this archive are not in ${folder}.`, {
      remedy:
        `Mount the volume that has them: it has a file ${expected}. If they are lost for good, remove ${file}: ` +
        'what is imported again, or restored from a backup, is then stored anew.',
    });
  }
}

async function readIdentity(file: string): Promise<string | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return isIdentity(text) ? text : undefined;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeIdentity(folder: string, name: string): Promise<void> {
  const handle = await open(join(folder, name), 'w', 0o600);
  await handle.close();
  await syncFolder(folder);
}

/** Whole or not at all, durable on return. */
async function writeIdentity(file: string, name: string): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(`${name}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(dirname(file));
}
