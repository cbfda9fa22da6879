import { createReadStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExportTarget, FileContent } from './export-target.ts';
import { makePartialFolder, refuseUnlessFree, syncFolder } from './partial-folder.ts';
import { ZipFile } from './zip-file.ts';

const zipName = 'export.zip';

/** An export as one zip file. What grows waits beside it, and goes in when it is complete. */
export class ZipTarget implements ExportTarget {
  readonly #out: string;
  readonly #partial: string;
  readonly #zip: ZipFile;
  #turn: Promise<void> = Promise.resolve();

  private constructor(out: string, partial: string, zip: ZipFile) {
    this.#out = out;
    this.#partial = partial;
    this.#zip = zip;
  }

  /** @throws ExportFault `out-exists` */
  static async open(out: string): Promise<ZipTarget> {
    await refuseUnlessFree(out, 'file');
    const partial = await makePartialFolder(out);
    return new ZipTarget(out, partial, await ZipFile.create(join(partial, zipName)));
  }

  put(path: string, content: FileContent): Promise<void> {
    this.#turn = this.#turn.then(() => this.#zip.add(path, content));
    return this.#turn;
  }

  draftOf(path: string): string {
    return join(this.#partial, path);
  }

  async take(path: string, content: { readonly size: number; readonly crc32: number }): Promise<void> {
    const draft = this.draftOf(path);
    await this.put(path, { ...content, chunks: createReadStream(draft) });
    await rm(draft);
  }

  async finish(): Promise<void> {
    await this.#turn;
    await this.#zip.finish();
    await refuseUnlessFree(this.#out, 'file');
    await rename(join(this.#partial, zipName), this.#out);
    await syncFolder(dirname(this.#out));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#zip[Symbol.asyncDispose]();
    await rm(this.#partial, { recursive: true, force: true });
  }
}
