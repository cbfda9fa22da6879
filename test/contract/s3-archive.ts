import { newId } from '#kernel';
import type { BlobRef } from '#archive';
import { Bucket, type BucketOptions } from '#object-storage';
import { keyOf } from '../../services/archive/adapters/s3/record-format.ts';
import { S3BlobStore } from '../../services/archive/adapters/s3-blob-store.ts';
import { bucketOptions } from '../s3-buckets.ts';
import type { ServerName } from '../servers.ts';
import type { BlobStoreUnderTest } from './blob-store.ts';

export const S3_IN_MEMORY_BYTES_MAX = 64 * 1024;

/** A prefix of its own in a bucket that takes locks, with an archive in it; and the bucket as its owner sees it. */
export class S3Archive implements AsyncDisposable {
  readonly options: BucketOptions;
  /** The same place, for what an owner may do behind the archive's back. */
  readonly owner: Bucket;

  private constructor(options: BucketOptions) {
    this.options = options;
    this.owner = new Bucket(options);
  }

  /** @param bucket the name of a bucket that is there already; else one is made */
  static async make(server: ServerName, changes: Partial<BucketOptions> = {}): Promise<S3Archive> {
    const archive = new S3Archive(await bucketOptions(server, { prefix: `${newId()}/`, ...changes }));
    if (changes.bucket === undefined) await archive.owner.make({ objectLock: true });
    return archive;
  }

  async open(changes: Partial<BucketOptions> = {}): Promise<S3BlobStore> {
    const bucket = { ...this.options, ...changes };
    return S3BlobStore.open({ bucket, inMemoryBytesMax: S3_IN_MEMORY_BYTES_MAX });
  }

  /** As an owner of the bucket could where nothing is locked: the version goes, and changed bytes come in its place. */
  async damage(ref: BlobRef): Promise<void> {
    const { bytes, metadata, versionId } = await this.owner.get(keyOf(ref));
    const changed = Buffer.from(bytes);
    changed[100] = (changed[100] ?? 0) ^ 1;
    if (versionId !== undefined) await this.owner.deleteVersion(keyOf(ref), versionId);
    await this.owner.put(keyOf(ref), changed, { metadata });
  }

  /** The bytes of all versions of all objects. */
  async everything(): Promise<Buffer> {
    const all: Buffer[] = [];
    for await (const { key, versionId, kind } of this.owner.versions('')) {
      if (kind === 'version') all.push((await this.owner.get(key, versionId)).bytes);
    }
    return Buffer.concat(all);
  }

  /** Waits until the service's own clock is past a moment. */
  async passed(moment: number): Promise<void> {
    while ((await this.owner.serverTime()) <= moment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.owner[Symbol.asyncDispose]();
  }
}

/** The subject of the contract suite, in a prefix of its own. */
export async function s3BlobStoreUnderTest(archive: S3Archive): Promise<BlobStoreUnderTest> {
  let store = await archive.open();
  return {
    store,
    largeBytes: S3_IN_MEMORY_BYTES_MAX + 1,
    now: await archive.owner.serverTime(),
    passed: async (moment) => archive.passed(moment),
    damage: async (ref) => archive.damage(ref),
    contains: async (bytes) => (await archive.everything()).includes(bytes),
    reopen: async () => {
      await store[Symbol.asyncDispose]();
      store = await archive.open();
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await archive[Symbol.asyncDispose]();
    },
  };
}
