import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExportTarget, FileContent } from './export-target.ts';
import { makePartialFolder, refuseUnlessFree, syncFiles, syncFolder } from './partial-folder.ts';

/** An export as a folder. */
export class FolderTarget implements ExportTarget {
  readonly #out: string;
  readonly #partial: string;
  readonly #folders = new Map<string, Promise<unknown>>();
  #finished = false;

  private constructor(out: string, partial: string) {
    this.#out = out;
    this.#partial = partial;
  }

  /** @throws ExportFault `out-exists` */
  static async open(out: string): Promise<FolderTarget> {
    await refuseUnlessFree(out, 'folder');
    return new FolderTarget(out, await makePartialFolder(out));
  }

  async put(path: string, content: FileContent): Promise<void> {
    const file = join(this.#partial, path);
    await this.#makeFolder(dirname(file));
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(Buffer.isBuffer(content) ? content : content.chunks);
  }

  draftOf(path: string): string {
    return join(this.#partial, path);
  }

  async take(): Promise<void> {}

  async finish(): Promise<void> {
    for (const folder of this.#folders.keys()) await syncFiles(folder);
    await syncFiles(this.#partial);
    await refuseUnlessFree(this.#out, 'folder');
    await rename(this.#partial, this.#out);
    this.#finished = true;
    await syncFolder(dirname(this.#out));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#finished) await rm(this.#partial, { recursive: true, force: true });
  }

  #makeFolder(folder: string): Promise<unknown> {
    const made = this.#folders.get(folder) ?? mkdir(folder, { recursive: true, mode: 0o700 });
    this.#folders.set(folder, made);
    return made;
  }
}
