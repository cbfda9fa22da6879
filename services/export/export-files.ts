import { createHash, hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { AppendFile } from './append-file.ts';
import type { ExportTarget, FileContent } from './export-target.ts';
import { fileNames } from './layout.ts';

/** A file that grows line by line, or message by message, while others are written. */
export class GrowingFile {
  readonly path: string;
  readonly #file: AppendFile;
  readonly #hash = createHash('sha256');
  #crc32 = 0;

  constructor(path: string, file: AppendFile) {
    this.path = path;
    this.#file = file;
  }

  get size(): number {
    return this.#file.size;
  }

  async append(content: string | Buffer): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#hash.update(bytes);
    this.#crc32 = crc32(bytes, this.#crc32);
    await this.#file.append(bytes);
  }

  async finish(): Promise<{ readonly size: number; readonly crc32: number; readonly sha256: string }> {
    await this.#file.finish();
    return { size: this.size, crc32: this.#crc32, sha256: this.#hash.digest('hex') };
  }

  async close(): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

/** The files of one export, each with its line in `SHA256SUMS`. */
export class ExportFiles implements AsyncDisposable {
  readonly #target: ExportTarget;
  readonly #sums: GrowingFile;
  readonly #growing: GrowingFile[];

  private constructor(target: ExportTarget, sums: GrowingFile) {
    this.#target = target;
    this.#sums = sums;
    this.#growing = [sums];
  }

  static async open(target: ExportTarget): Promise<ExportFiles> {
    const sums = await AppendFile.create(target.draftOf(fileNames.sums));
    return new ExportFiles(target, new GrowingFile(fileNames.sums, sums));
  }

  async grow(path: string): Promise<GrowingFile> {
    const file = new GrowingFile(path, await AppendFile.create(this.#target.draftOf(path)));
    this.#growing.push(file);
    return file;
  }

  /** Adds whole files, in this order. `sha256` where it is known already. */
  async put(files: readonly { path: string; content: FileContent; sha256: string }[]): Promise<void> {
    const written = await Promise.allSettled(files.map(({ path, content }) => this.#target.put(path, content)));
    for (const one of written) if (one.status === 'rejected') throw one.reason;
    await this.#sums.append(files.map(({ path, sha256 }) => sumLine(path, sha256)).join(''));
  }

  async putText(path: string, text: string): Promise<void> {
    const content = Buffer.from(text);
    await this.put([{ path, content, sha256: hash('sha256', content) }]);
  }

  /**
   * Completes every growing file, then the list of sums, and adds its signature. Nothing else is held whole in memory: Ed25519
   * hashes what it signs twice.
   */
  async finish(sign: (sums: Buffer) => Promise<Uint8Array>): Promise<void> {
    for (const file of this.#growing.slice(1)) {
      const { sha256, ...content } = await file.finish();
      await this.#target.take(file.path, content);
      await this.#sums.append(sumLine(file.path, sha256));
    }
    const sums = await this.#sums.finish();
    const signature = await sign(await readFile(this.#target.draftOf(fileNames.sums)));
    await this.#target.take(fileNames.sums, sums);
    await this.#target.put(fileNames.signature, Buffer.from(signature));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#growing) await file.close();
  }
}

/** As GNU sha256sum writes and checks it. Names never need its escapes: `layout.ts` makes them all. */
function sumLine(path: string, sha256: string): string {
  return `${sha256}  ${path}\n`;
}
