import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { BucketOptions, LockMode } from './bucket-options.ts';
import { Connection, type RequestOptions } from './connection.ts';
import { storageFault } from './fault-of-error.ts';
import { createInParts, type Completed, type FileContent } from './multipart-upload.ts';
import { isObjectStorageFault } from './object-storage-fault.ts';
import { readLock, writeLegalHold, writeRetention, type VersionAddress } from './object-locks.ts';
import { readObject, streamObject } from './object-reading.ts';
import { fieldsOf, integrityOf, type PutOptions } from './put-fields.ts';
import {
  headOf,
  type ListedObject,
  type ObjectHead,
  type ObjectVersion,
  type ReadObject,
  type StoredLock,
} from './stored-object.ts';
import { listObjects, listVersions, type Listed, type ListOptions } from './version-listing.ts';

export type { FileContent } from './multipart-upload.ts';
export type { PutOptions } from './put-fields.ts';
export type { ListOptions } from './version-listing.ts';
export type { RequestOptions } from './connection.ts';

/** Bytes in memory are one request; a file larger than `limits.partBytes` is sent in parts. */
export type ObjectContent = Uint8Array | FileContent;

/**
 * `exists`: something is at the key, and it is for the caller to look what. `replyLost`: an attempt before had no answer,
 * so it may be what this very call has written.
 */
export type Creation = Completed;

export interface Removal {
  readonly key: string;
  /** Undefined: the current object; where the bucket keeps versions that only hides it. */
  readonly versionId?: string;
}

const REMOVALS_PER_REQUEST = 1_000;

/**
 * What this program needs of an S3 bucket, or of a prefix in it. Keys are given and returned without the prefix, in ASCII.
 * Every method throws ObjectStorageFault only, after the attempts that its limits allow.
 */
export class Bucket implements AsyncDisposable {
  readonly name: string;
  readonly prefix: string;
  readonly lockMode: LockMode;
  readonly #connection: Connection;

  constructor(options: BucketOptions) {
    this.name = options.bucket;
    this.prefix = options.prefix;
    this.lockMode = options.lockMode ?? 'governance';
    this.#connection = new Connection(options);
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** What the service's clock shows now, as far as its last answer tells. Milliseconds since 1970, up to a second late. */
  get serviceNow(): number {
    return this.#connection.serviceNow;
  }

  /** Milliseconds by which the service's clock is ahead, as of its last answer; its answers carry whole seconds. */
  get clockSkewMilliseconds(): number {
    return this.#connection.clockSkewMilliseconds;
  }

  /** Makes the bucket; with `objectLock` it keeps versions and takes locks. That it is ours already is no failure. */
  async make(options: { readonly objectLock: boolean }): Promise<void> {
    const command = new CreateBucketCommand({ Bucket: this.name, ObjectLockEnabledForBucket: options.objectLock });
    try {
      await this.#connection.send(`make the bucket ${this.name}`, async () => this.#connection.client.send(command));
    } catch (error) {
      if (!isObjectStorageFault(error) || error.facts['name'] !== 'BucketAlreadyOwnedByYou') throw error;
    }
  }

  /** The service's clock, in whole seconds. Milliseconds since 1970. */
  async serverTime(): Promise<number> {
    const tried = `answer for the bucket ${this.name}`;
    const command = new HeadBucketCommand({ Bucket: this.name });
    const answer = await this.#connection.send(tried, async () => this.#connection.client.send(command));
    const served = this.#connection.servedAt(answer);
    if (served === undefined) throw storageFault('unexpected', tried, 'its answer has no date');
    return served;
  }

  /**
   * Creates an object where there is none: `If-None-Match: *`, with Content-MD5 and sha256 for the service to check.
   * Of many that create one key, one gets `created` (where the service keeps that: `proveConditionalCreate`).
   * A delete marker counts as none.
   */
  async create(key: string, content: ObjectContent, options: PutOptions & RequestOptions = {}): Promise<Creation> {
    if (!(content instanceof Uint8Array)) {
      const upload = { bucket: this.name, key: this.prefix + key, content, options, mode: this.lockMode };
      return createInParts(this.#connection, upload);
    }
    let attempts = 0;
    try {
      const command = this.#putCommand(key, content, options, { IfNoneMatch: '*' });
      const answer = await this.#connection.send(
        `create ${key}`,
        async () => {
          attempts += 1;
          return this.#connection.client.send(command);
        },
        options,
      );
      return { outcome: 'created', versionId: answer.VersionId, servedAt: this.#connection.servedAt(answer) };
    } catch (error) {
      if (!isObjectStorageFault(error, 'precondition-failed')) throw error;
      return { outcome: 'exists', replyLost: attempts > 1 };
    }
  }

  /** Writes an object whatever is there: a new version, or in a bucket without versions over the old one. */
  async put(key: string, bytes: Uint8Array, options: PutOptions & RequestOptions = {}): Promise<string | undefined> {
    const command = this.#putCommand(key, bytes, options);
    const request = async () => this.#connection.client.send(command);
    return (await this.#connection.send(`store ${key}`, request, options)).VersionId;
  }

  /**
   * Writes a new version over the one with this ETag (`If-Match`), or where nothing is current (undefined), and over no
   * other. False when something else is there. A service that does not know the condition writes in any case.
   */
  async replace(key: string, bytes: Uint8Array, etag: string | undefined): Promise<boolean> {
    if (etag === undefined) return (await this.create(key, bytes)).outcome === 'created' || this.#isCurrent(key, bytes);
    const command = this.#putCommand(key, bytes, {}, { IfMatch: etag });
    try {
      await this.#connection.send(`replace ${key}`, async () => this.#connection.client.send(command));
      return true;
    } catch (error) {
      if (!isObjectStorageFault(error, 'precondition-failed') && !isObjectStorageFault(error, 'not-found')) throw error;
      // The reply to an attempt before may have been lost.
      return this.#isCurrent(key, bytes);
    }
  }

  async #isCurrent(key: string, bytes: Uint8Array): Promise<boolean> {
    try {
      return (await this.get(key)).bytes.equals(bytes);
    } catch (error) {
      if (isObjectStorageFault(error, 'not-found')) return false;
      throw error;
    }
  }

  /**
   * The object in memory; without a version id the current one. An object larger than `bytesMax` is not read: undefined.
   * @throws `not-found`, also for a delete marker
   */
  async get(key: string, versionId?: string): Promise<ReadObject>;
  async get(key: string, versionId: string | undefined, bytesMax: number): Promise<ReadObject | undefined>;
  async get(key: string, versionId?: string, bytesMax = Number.POSITIVE_INFINITY): Promise<ReadObject | undefined> {
    return readObject(this.#connection, this.#getCommandOf(key, versionId), key, bytesMax);
  }

  /** The object in chunks; a connection that breaks is taken up where it broke. @throws `not-found` */
  stream(key: string, versionId?: string): AsyncGenerator<Buffer> {
    return streamObject(this.#connection, this.#getCommandOf(key, versionId), key);
  }

  /** @throws `not-found`, also for a delete marker */
  async head(key: string, versionId?: string): Promise<ObjectHead> {
    const command = new HeadObjectCommand({ ...this.#address(key, versionId), ChecksumMode: 'ENABLED' });
    const answer = await this.#connection.send(`look at ${key}`, async () => this.#connection.client.send(command));
    return headOf(key, answer, this.#connection.servedAt(answer));
  }

  /** Current objects under a prefix, in the order of their keys. */
  list(prefix: string, options: ListOptions = {}): AsyncGenerator<ListedObject> {
    return listObjects(this.#connection, this.#listed(prefix), this.#below(options));
  }

  /** All versions and delete markers under a prefix, by key, the newest of a key first. */
  versions(prefix: string, options: ListOptions = {}): AsyncGenerator<ObjectVersion> {
    return listVersions(this.#connection, this.#listed(prefix), this.#below(options));
  }

  /** All versions and delete markers of exactly this key, newest first: the last of kind `version` is the oldest known. */
  async versionsOf(key: string): Promise<ObjectVersion[]> {
    const found: ObjectVersion[] = [];
    for await (const version of this.versions(key)) {
      if (version.key !== key) break;
      found.push(version);
    }
    return found;
  }

  /** Asks for the lock alone. @throws `not-found` */
  async lockOf(key: string, versionId: string): Promise<StoredLock> {
    return readLock(this.#connection, this.#version(key, versionId));
  }

  /** @throws `refused` when storage keeps a longer one, `not-found` */
  async putRetention(
    key: string,
    versionId: string,
    retainUntil: number,
    options: { readonly mode?: LockMode; readonly bypassGovernance?: boolean } = {},
  ): Promise<void> {
    const change = { mode: this.lockMode, ...options, retainUntil };
    await writeRetention(this.#connection, this.#version(key, versionId), change);
  }

  async putLegalHold(key: string, versionId: string, legalHold: boolean): Promise<void> {
    await writeLegalHold(this.#connection, this.#version(key, versionId), legalHold);
  }

  /** Destroys one version; that it is gone already is no failure. @throws `refused` when a lock forbids it */
  async deleteVersion(
    key: string,
    versionId: string,
    options: { readonly bypassGovernance?: boolean } = {},
  ): Promise<void> {
    const command = new DeleteObjectCommand({
      ...this.#version(key, versionId),
      ...(options.bypassGovernance === true && { BypassGovernanceRetention: true }),
    });
    try {
      await this.#connection.send(`delete ${key}`, async () => this.#connection.client.send(command));
    } catch (error) {
      if (!isObjectStorageFault(error, 'not-found')) throw error;
    }
  }

  /** Removes many at once; gives those that were not, with what the service says of them. */
  async removeAll(removals: readonly Removal[]): Promise<readonly (Removal & { readonly problem: string })[]> {
    const failed: (Removal & { readonly problem: string })[] = [];
    for (let at = 0; at < removals.length; at += REMOVALS_PER_REQUEST) {
      const Objects = removals.slice(at, at + REMOVALS_PER_REQUEST).map(({ key, versionId }) => ({
        Key: this.prefix + key,
        ...(versionId !== undefined && { VersionId: versionId }),
      }));
      const command = new DeleteObjectsCommand({ Bucket: this.name, Delete: { Objects, Quiet: true } });
      const answer = await this.#connection.send(`remove ${Objects.length} objects`, async () =>
        this.#connection.client.send(command),
      );
      for (const { Key = '', VersionId, Code, Message } of answer.Errors ?? []) {
        const versionId = VersionId === undefined ? {} : { versionId: VersionId };
        failed.push({ key: Key.slice(this.prefix.length), ...versionId, problem: `${Code ?? ''} ${Message ?? ''}` });
      }
    }
    return failed;
  }

  /** Takes back the parts of uploads to exactly this key that were never finished; says how many uploads there were. */
  async abortUploads(key: string): Promise<number> {
    const Key = this.prefix + key;
    const { client } = this.#connection;
    const list = new ListMultipartUploadsCommand({ Bucket: this.name, Prefix: Key });
    const found = await this.#connection.send(`list the uploads of ${key}`, async () => client.send(list));
    const begun = (found.Uploads ?? []).filter((upload) => upload.Key === Key);
    for (const { UploadId } of begun) {
      const abort = new AbortMultipartUploadCommand({ Bucket: this.name, Key, UploadId });
      await this.#connection.send(`give up an upload of ${key}`, async () => client.send(abort));
    }
    return begun.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #putCommand(key: string, bytes: Uint8Array, options: PutOptions, condition: object = {}): PutObjectCommand {
    return new PutObjectCommand({
      ...this.#address(key),
      Body: bytes,
      ContentLength: bytes.length,
      ...integrityOf(bytes),
      ...condition,
      ...fieldsOf(options, this.lockMode),
    });
  }

  #getCommandOf(key: string, versionId: string | undefined) {
    return (more: object = {}) => new GetObjectCommand({ ...this.#address(key, versionId), ...more });
  }

  #address(key: string, versionId?: string) {
    return { Bucket: this.name, Key: this.prefix + key, ...(versionId !== undefined && { VersionId: versionId }) };
  }

  #version(key: string, versionId: string): VersionAddress {
    return { Bucket: this.name, Key: this.prefix + key, VersionId: versionId };
  }

  #listed(prefix: string): Listed {
    return { bucket: this.name, prefix: this.prefix + prefix, strip: this.prefix.length };
  }

  #below(options: ListOptions): ListOptions {
    return options.startAfter === undefined ? options : { ...options, startAfter: this.prefix + options.startAfter };
  }
}
