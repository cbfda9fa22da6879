import { type FileHandle, open } from 'node:fs/promises';

const bufferedBytesMax = 256 * 1024;

/** A new file that is written from front to back in large pieces; private to its owner. */
export class AppendFile implements AsyncDisposable {
  readonly #file: FileHandle;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #size = 0;
  #closed = false;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<AppendFile> {
    return new AppendFile(await open(path, 'wx', 0o600));
  }

  /** Bytes appended so far. */
  get size(): number {
    return this.#size;
  }

  /** Not to be called again before the promise of the call before it is settled. */
  async append(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#size += bytes.length;
    if (this.#waitingBytes >= bufferedBytesMax) await this.#flush();
  }

  /** On the medium when it returns. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#file.datasync();
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#file.writeFile(bytes);
  }
}
