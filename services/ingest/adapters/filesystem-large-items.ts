import { copyFile, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, messageOf, systemCodeOf } from '#kernel';
import { type LargeContent, type LargeItems, largeItemAgeMsMax } from '../large-items.ts';
import type { Content } from '../source.ts';
import { SourceFault } from '../source-fault.ts';

const prefix = 'item-';

/** Large items in a folder: for processes of one machine, or of several that mount the same folder. */
export class FilesystemLargeItems implements LargeItems {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(options: { readonly folder: string; readonly clock: Clock }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
  }

  async put(key: string, { content }: LargeContent): Promise<void> {
    const path = this.#pathOf(key);
    await this.#guarded(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      if ('bytes' in content) await writeFile(path, content.bytes, { mode: 0o600 });
      else await moved(content.file, path);
      // A file keeps the time it was written at, which may be long ago.
      await this.renew([key]);
    });
  }

  async get(key: string): Promise<Content | undefined> {
    const path = this.#pathOf(key);
    return await this.#guarded(async () => ((await isThere(path)) ? { file: path } : undefined));
  }

  async release(_key: string): Promise<void> {
    // What `get` gave is the item itself.
    await Promise.resolve();
  }

  async drop(key: string): Promise<void> {
    await this.#guarded(async () => await rm(this.#pathOf(key), { force: true }));
  }

  async renew(keys: readonly string[]): Promise<void> {
    const now = this.#clock.now() / 1000;
    for (const key of keys) await ignoringAbsence(utimes(this.#pathOf(key), now, now));
  }

  async sweep(): Promise<number> {
    let removed = 0;
    const names = (await ignoringAbsence(readdir(this.#folder))) ?? [];
    for (const name of names.filter((one) => one.startsWith(prefix))) {
      const path = join(this.#folder, name);
      const found = await ignoringAbsence(stat(path));
      if (found === undefined || this.#clock.now() - found.mtimeMs < largeItemAgeMsMax) continue;
      await rm(path, { force: true });
      removed += 1;
    }
    return removed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }

  #pathOf(key: string): string {
    return join(this.#folder, `${prefix}${key}`);
  }

  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw new SourceFault(
        'temporary-storage',
        `cannot keep a large message in ${this.#folder}: ${messageOf(cause)}`,
        {
          remedy: 'Make room on that disk, then run the same command again.',
          cause,
        },
      );
    }
  }
}

async function moved(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'EXDEV') throw thrown;
    await copyFile(from, to);
    await rm(from, { force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await ignoringAbsence(stat(path))) !== undefined;
}

async function ignoringAbsence<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}
