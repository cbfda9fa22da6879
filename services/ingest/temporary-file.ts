import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { asDigest, messageOf, newId, type Digest } from '#kernel';
import { SourceFault } from './source-fault.ts';
import type { Content } from './source.ts';

/** A message that came in whole. */
export interface Received {
  readonly content: Content;
  readonly size: number;
  readonly digest: Digest;
}

/** Removes the temporary file behind a content, when it has one. Repeatable. */
export async function discardContent(content: Content): Promise<void> {
  if ('file' in content) await rm(content.file, { force: true });
}

/** A message too large for memory on its way to a file of its own, hashed as it comes in. Not durable, nor need it be. */
export class TemporaryFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #size = 0;

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /** @throws SourceFault `temporary-storage` */
  static async create(folder: string): Promise<TemporaryFile> {
    const file = join(folder, `message-${newId()}`);
    return await guarded(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return new TemporaryFile(file, await open(file, 'wx', 0o600));
    });
  }

  get size(): number {
    return this.#size;
  }

  /** @throws SourceFault `temporary-storage` */
  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    await guarded(this.#file, async () => await this.#handle.writeFile(bytes));
  }

  /** Hands the file over to the caller. */
  async finish(): Promise<Received> {
    await guarded(this.#file, async () => await this.#handle.close());
    return { content: { file: this.#file }, size: this.#size, digest: asDigest(this.#hash.digest('hex')) };
  }

  /** Closes and removes it. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#file, { force: true });
  }
}

async function guarded<T>(where: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new SourceFault('temporary-storage', `cannot write the temporary file ${where}: ${messageOf(cause)}`, {
      remedy: 'Make room on the disk of the temporary folder, then run the same command again.',
      cause,
    });
  }
}
