import { newId } from '#kernel';
import { type Bucket, bucketSettings, isObjectStorageFault, type LockRequest } from '#object-storage';
import { type Canary, lockDifference } from './canary.ts';

const MINUTE = 60_000;

/** Where the probes of one run plant their canaries: `doctor/<random>/` in the bucket. */
export class CanaryCage {
  readonly bucket: Bucket;
  readonly prefix: string;
  readonly #retainMilliseconds: number;
  #until: Promise<number> | undefined;

  /** @param retainMilliseconds how long a canary is locked: longer than all probes take, and nobody waits for it */
  constructor(bucket: Bucket, retainMilliseconds: number = 10 * MINUTE) {
    this.bucket = bucket;
    this.prefix = `${CanaryCage.allCages}${newId()}/`;
    this.#retainMilliseconds = retainMilliseconds;
  }

  static readonly allCages = 'doctor/';

  /** When the locks of this run end, by the service's clock. Milliseconds since 1970, in whole seconds. */
  async retainUntil(): Promise<number> {
    this.#until ??= this.#lookIn();
    return this.#until;
  }

  /** A service that does not answer is waited for once, not by every probe. @throws ObjectStorageFault always the same */
  async ready(): Promise<void> {
    await this.retainUntil();
  }

  async #lookIn(): Promise<number> {
    // Says more of what is wrong than asking for the time does.
    await bucketSettings(this.bucket);
    return (await this.bucket.serverTime()) + this.#retainMilliseconds;
  }

  keyOf(name: string): string {
    return this.prefix + name;
  }

  /** The lock that every canary has unless it is about another one. */
  async lock(): Promise<LockRequest> {
    return { retainUntil: await this.retainUntil(), legalHold: false };
  }

  async plant(name: string, lock?: LockRequest): Promise<Canary> {
    const asked = lock ?? (await this.lock());
    const key = this.keyOf(name);
    const bytes = bytesOf(name);
    const versionId = await this.bucket.put(key, bytes, { lock: asked });
    return this.canaryOf(key, versionId, { bytes, lock: asked });
  }

  canaryOf(
    key: string,
    versionId: string | undefined,
    { bytes, lock }: { readonly bytes: Buffer; readonly lock: LockRequest },
  ): Canary {
    const mode = lock.retainUntil === null ? undefined : this.bucket.lockMode;
    return { key, versionId: versionId ?? 'null', bytes, lock: { ...lock, mode } };
  }

  /** What is not as it was planted; undefined: the version is there, with the same bytes and the same lock. */
  async harmTo(canary: Canary): Promise<string | undefined> {
    const { key, versionId, bytes, lock } = canary;
    try {
      const read = await this.bucket.get(key, versionId);
      if (!read.bytes.equals(bytes)) return 'other bytes come back';
      return lockDifference(lock, await this.bucket.lockOf(key, versionId));
    } catch (error) {
      if (isObjectStorageFault(error, 'not-found')) return 'the version is gone';
      throw error;
    }
  }
}

/** Bytes that no other canary has. */
export function bytesOf(name: string): Buffer {
  return Buffer.from(`A canary of muniment doctor, to be attacked: ${name} ${newId()}\n`);
}
