import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '#kernel';
import { ArchiveFault } from '../../archive-fault.ts';
import { foreignRemedy, isIdentity, type Ownership, segmentOf, syncFolder } from './segment-files.ts';

/**
 * Which folder of segments is the archive's: a volume that is not mounted leaves an empty one, and what is written there would be
 * taken for all there is. And which segments are: each is put down before it is begun. The same name stands in a file beside the archive, on the volume of the ledger, and as a file among the
 * segments. The former also has the highest number of a segment so far, whether or not it is there.
 */
export class StorageIdentity implements Ownership {
  readonly #folder: string;
  readonly #file: string;
  readonly name: string;
  #highest: number;

  private constructor(folder: string, file: string, { name, highest }: Known) {
    this.#folder = folder;
    this.#file = file;
    this.name = name;
    this.#highest = highest;
  }

  /**
   * Where only one of both is there, it is an archive being made, or of an earlier version: the other is made, and the segments
   * that are there are the archive's.
   * @throws ArchiveFault `store-unavailable` where the folder is another's
   */
  static async confirm(folder: string, file: string): Promise<StorageIdentity> {
    const names = await readdir(folder);
    const [found] = names.filter(isIdentity).sort();
    const expected = await readIdentity(file);
    // What is in the file and cannot be read is no reason to begin anew in an empty folder.
    if (expected !== undefined && (expected.name !== '' || found === undefined)) {
      const identity = new StorageIdentity(folder, file, expected);
      await identity.#refuseOther();
      return identity;
    }
    const name = found ?? `storage-${randomBytes(8).toString('hex')}`;
    if (found === undefined) await makeIdentity(folder, name);
    const known = { name, highest: Math.max(0, ...names.map(numberOf)) };
    await writeIdentity(file, known);
    return new StorageIdentity(folder, file, known);
  }

  get highest(): number {
    return this.#highest;
  }

  /**
   * Before a segment is begun: durable on return.
   * @throws ArchiveFault `store-unavailable` where the volume has gone, or has a segment that was never begun here
   */
  async beginning(number: number): Promise<void> {
    this.#refuseForeign(await this.#refuseOther());
    if (number <= this.#highest) return;
    await writeIdentity(this.#file, { name: this.name, highest: number });
    this.#highest = number;
  }

  async #refuseOther(): Promise<readonly string[]> {
    const names = await readdir(this.#folder);
    if (names.includes(this.name)) return names;
    throw new ArchiveFault('store-unavailable', `The messages of this archive are not in ${this.#folder}.`, {
      remedy:
        `Mount the volume that has them: it has a file ${this.name === '' ? 'storage-…' : this.name}. If they are lost for good, remove ${this.#file}: ` +
        'what is imported again, or restored from a backup, is then stored anew.',
    });
  }

  /** Written beside it, a segment could come to have its number, or be read before or after it as it was not written. */
  #refuseForeign(names: readonly string[]): void {
    const foreign = names.find((name) => numberOf(name) > this.#highest);
    if (foreign === undefined) return;
    throw new ArchiveFault(
      'store-unavailable',
      `${this.#folder} has ${foreign}, and this archive has begun no segment after number ${this.#highest}.`,
      { remedy: `It is not read, and nothing is written beside it. ${foreignRemedy}` },
    );
  }
}

/** The name is empty where it cannot be read. */
type Known = Ownership;

/** 0 of what is no segment. */
function numberOf(name: string): number {
  return segmentOf(name)?.number ?? 0;
}

async function readIdentity(file: string): Promise<Known | undefined> {
  try {
    const [, name = '', highest = '0'] = /^(\S+) (\d{1,7})\n$/u.exec(await readFile(file, 'utf8')) ?? [];
    return { name: isIdentity(name) ? name : '', highest: Number(highest) };
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
async function writeIdentity(file: string, { name, highest }: Known): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(`${name} ${highest}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(dirname(file));
}
