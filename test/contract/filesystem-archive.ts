import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '#kernel';
import { FilesystemBlobStore } from '../../services/archive/adapters/filesystem-blob-store.ts';
import { STORED_AT } from './blob-puts.ts';

/** In memory where the system has such a folder: most tests open hundreds of archives, and do not test the disk. */
const MEMORY_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
export const IN_MEMORY_BYTES_MAX = 64 * 1024;

/** A throw-away folder with an archive in it. */
export class FilesystemArchive implements AsyncDisposable {
  readonly root: string;
  readonly #segmentBytesMax: number;
  readonly #inMemoryBytesMax: number;

  private constructor(root: string, segmentBytesMax: number, inMemoryBytesMax: number) {
    this.root = root;
    this.#segmentBytesMax = segmentBytesMax;
    this.#inMemoryBytesMax = inMemoryBytesMax;
  }

  static async make(
    segmentBytesMax: number = 1024 * 1024,
    inMemoryBytesMax: number = IN_MEMORY_BYTES_MAX,
    under: string = MEMORY_FOLDER,
  ): Promise<FilesystemArchive> {
    return new FilesystemArchive(await mkdtemp(join(under, 'archive-')), segmentBytesMax, inMemoryBytesMax);
  }

  /** Of the record alone: what else belongs to the archive lies beside it. */
  get record(): string {
    return join(this.root, 'archive');
  }

  get segmentsFolder(): string {
    return join(this.record, 'segments');
  }

  get locatorFile(): string {
    return join(this.root, 'locator.sqlite');
  }

  async open(): Promise<FilesystemBlobStore> {
    return FilesystemBlobStore.open({
      root: this.record,
      clock: new FixedClock(STORED_AT),
      locatorFile: this.locatorFile,
      identityFile: join(this.root, 'storage.id'),
      segmentBytesMax: this.#segmentBytesMax,
      inMemoryBytesMax: this.#inMemoryBytesMax,
    });
  }

  async deleteLocator(): Promise<void> {
    for (const suffix of ['', '-wal', '-shm']) await rm(this.locatorFile + suffix, { force: true });
  }

  /** Names of the segments, oldest first. */
  async segments(): Promise<string[]> {
    return (await readdir(this.segmentsFolder)).filter((name) => name.endsWith('.seg')).sort();
  }

  async readSegment(name: string): Promise<Buffer> {
    return readFile(join(this.segmentsFolder, name));
  }

  /** One that was not there is taken for the archive's own. */
  async writeSegment(name: string, bytes: Uint8Array): Promise<void> {
    if (!(await this.segments()).includes(name)) await rm(join(this.root, 'storage.id'), { force: true });
    await writeFile(join(this.segmentsFolder, name), bytes);
  }

  /** Whether any file of the archive contains these bytes. */
  async contains(bytes: Buffer): Promise<boolean> {
    for (const entry of await readdir(this.root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      if ((await readFile(join(entry.parentPath, entry.name))).includes(bytes)) return true;
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
