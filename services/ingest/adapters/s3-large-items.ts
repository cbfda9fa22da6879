import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Clock, messageOf, newId } from '#kernel';
import { type Bucket, isObjectStorageFault, type Removal } from '#object-storage';
import { type LargeContent, largeItemAgeMsMax, type LargeItems } from '../large-items.ts';
import type { Content } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { discardContent } from '../temporary-file.ts';

export interface S3LargeItemsOptions {
  /** Scratch: never locked, and not the record's. Belongs to the caller. */
  readonly bucket: Bucket;
  /** Where items are read to, on this machine. */
  readonly temporaryFolder: string;
  readonly clock: Clock;
}

const prefix = 'spool/';

/** Large items in a bucket, for processes on any machine. */
export class S3LargeItems implements LargeItems {
  readonly #options: S3LargeItemsOptions;
  /** What was read here, by key. */
  readonly #files = new Map<string, Promise<Content | undefined>>();

  constructor(options: S3LargeItemsOptions) {
    this.#options = options;
  }

  async put(key: string, { content, size, digest }: LargeContent): Promise<void> {
    const body = 'bytes' in content ? content.bytes : { file: content.file, size, sha256: digest };
    await guarded(async () => await this.#options.bucket.create(prefix + key, body));
    await discardContent(content);
  }

  async get(key: string): Promise<Content | undefined> {
    const known = this.#files.get(key);
    if (known !== undefined) return await known;
    const file = this.#fetch(key);
    this.#files.set(key, file);
    try {
      return await file;
    } catch (thrown) {
      this.#files.delete(key);
      throw thrown;
    }
  }

  async release(key: string): Promise<void> {
    const file = this.#files.get(key);
    this.#files.delete(key);
    const content = await file?.catch(() => undefined);
    if (content !== undefined) await discardContent(content);
  }

  async drop(key: string): Promise<void> {
    await this.release(key);
    await guarded(async () => {
      // Where the bucket keeps versions, a plain removal would only hide it.
      const versions = await this.#options.bucket.versionsOf(prefix + key);
      await this.#removeAll(versions);
    });
  }

  async renew(_keys: readonly string[]): Promise<void> {
    // An object's age cannot be changed: what waits for more than a day is fetched from its source again.
    await Promise.resolve();
  }

  async sweep(): Promise<number> {
    return await guarded(async () => {
      const old: Removal[] = [];
      const { bucket, clock } = this.#options;
      const before = clock.now() - largeItemAgeMsMax;
      for await (const { key, versionId, modifiedAt } of bucket.versions(prefix)) {
        if (modifiedAt < before) old.push({ key, versionId });
      }
      await this.#removeAll(old);
      return old.length;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of this.#files.keys()) await this.release(key);
  }

  async #fetch(key: string): Promise<Content | undefined> {
    const { bucket, temporaryFolder } = this.#options;
    const file = join(temporaryFolder, `item-${newId()}`);
    try {
      await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
      await pipeline(bucket.stream(prefix + key), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
      return { file };
    } catch (thrown) {
      await rm(file, { force: true });
      if (isObjectStorageFault(thrown, 'not-found')) return undefined;
      throw fault(thrown);
    }
  }

  async #removeAll(removals: readonly Removal[]): Promise<void> {
    const failed = await this.#options.bucket.removeAll(removals);
    const [first] = failed;
    if (first !== undefined) throw new Error(`${failed.length} objects remain, the first: ${first.problem}`);
  }
}

async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw fault(thrown);
  }
}

function fault(cause: unknown): SourceFault {
  return new SourceFault(
    'temporary-storage',
    `cannot keep a large message in the scratch bucket: ${messageOf(cause)}`,
    {
      remedy: 'See that the scratch bucket can be written, read and emptied, then run the same command again.',
      cause,
    },
  );
}
