import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import type { LockMode } from './bucket-options.ts';
import type { Bucket } from './bucket.ts';
import { isObjectStorageFault } from './object-storage-fault.ts';
import { modeOf } from './stored-object.ts';
import { afterSigning, beforeSigning, identityOf, rewritingHeaders, type Stranger } from './rewritten-headers.ts';

export type { Stranger } from './rewritten-headers.ts';

/*
 * Requests that this program never sends in its work, and that a probe sends on purpose, to see what a service does with
 * them. Keys are without the bucket's prefix. Everything here throws ObjectStorageFault where the service refuses.
 */

/** DELETE without a version: in a bucket that keeps versions it puts a marker over them. */
export async function deleteCurrent(bucket: Bucket, key: string): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: bucket.name, Key: bucket.prefix + key });
  await bucket.connection.send(`delete ${key}`, async () => bucket.connection.client.send(command));
}

/** Sends an empty retention: what takes a retention away where that is allowed. */
export async function liftRetention(bucket: Bucket, key: string, versionId: string): Promise<void> {
  const command = new PutObjectRetentionCommand({
    Bucket: bucket.name,
    Key: bucket.prefix + key,
    VersionId: versionId,
    Retention: {},
  });
  await bucket.connection.send(`lift the retention of ${key}`, async () => bucket.connection.client.send(command));
}

/** Copies one version to a key, whatever is there; without any lock. Gives the version that came to be. */
export async function copyVersion(
  bucket: Bucket,
  from: { readonly key: string; readonly versionId: string },
  to: string,
): Promise<string | undefined> {
  const source = `${bucket.name}/${bucket.prefix}${from.key}`.split('/').map(encodeURIComponent).join('/');
  const command = new CopyObjectCommand({
    Bucket: bucket.name,
    Key: bucket.prefix + to,
    CopySource: `${source}?versionId=${encodeURIComponent(from.versionId)}`,
    // S3 refuses to copy an object onto itself unless something of it changes.
    MetadataDirective: 'REPLACE',
    Metadata: { copied: 'yes' },
  });
  return (await bucket.connection.send(`copy to ${to}`, async () => bucket.connection.client.send(command))).VersionId;
}

/** What of a PUT is said of other bytes than those that are sent. `signature`: the hash that the signature covers. */
export type Check = 'content-md5' | 'sha256' | 'crc32' | 'signature';

/** Sends bytes with the checks named, all of which belong to others, and with no check besides but a right signature. */
export async function putWithWrongChecks(
  bucket: Bucket,
  key: string,
  {
    bytes,
    others,
    wrong,
  }: { readonly bytes: Uint8Array; readonly others: Uint8Array; readonly wrong: readonly Check[] },
): Promise<void> {
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: bucket.prefix + key,
    Body: bytes,
    ContentLength: bytes.length,
    ...(wrong.includes('content-md5') && { ContentMD5: hashOf('md5', others).toString('base64') }),
    ...(wrong.includes('sha256') && { ChecksumSHA256: hashOf('sha256', others).toString('base64') }),
    ...(wrong.includes('crc32') && { ChecksumCRC32: crcOf(others) }),
  });
  const signed = hashOf('sha256', wrong.includes('signature') ? others : bytes).toString('hex');
  command.middlewareStack.addRelativeTo(
    rewritingHeaders(() => ({ 'x-amz-content-sha256': signed })),
    beforeSigning,
  );
  await bucket.connection.send(`store ${key}`, async () => bucket.connection.client.send(command));
}

/** Reads an object as a stranger. */
export async function readAsStranger(bucket: Bucket, key: string, stranger: Stranger): Promise<void> {
  const command = new GetObjectCommand({ Bucket: bucket.name, Key: bucket.prefix + key });
  command.middlewareStack.addRelativeTo(
    rewritingHeaders((headers) => identityOf(stranger, headers)),
    afterSigning,
  );
  await bucket.connection.send(`read ${key}`, async () => bucket.connection.client.send(command));
}

/** Writes an object as a stranger. */
export async function putAsStranger(bucket: Bucket, key: string, bytes: Uint8Array, stranger: Stranger): Promise<void> {
  const command = new PutObjectCommand({ Bucket: bucket.name, Key: bucket.prefix + key, Body: bytes });
  command.middlewareStack.addRelativeTo(
    rewritingHeaders((headers) => identityOf(stranger, headers)),
    afterSigning,
  );
  await bucket.connection.send(`store ${key}`, async () => bucket.connection.client.send(command));
}

export interface ListedVersion {
  readonly key: string;
  readonly versionId: string;
}

/** The versions under a prefix as the service gives them, page by page: `Bucket.versions` mends what some get wrong. */
export async function* versionPages(
  bucket: Bucket,
  prefix: string,
  pageSize: number,
): AsyncGenerator<readonly ListedVersion[]> {
  let from: { readonly key: string | undefined; readonly version: string | undefined } | undefined;
  do {
    const command = new ListObjectVersionsCommand({
      Bucket: bucket.name,
      Prefix: bucket.prefix + prefix,
      KeyMarker: from?.key,
      VersionIdMarker: from?.version,
      MaxKeys: pageSize,
    });
    const request = async () => bucket.connection.client.send(command);
    const page = await bucket.connection.send(`list the versions of ${prefix}`, request);
    yield (page.Versions ?? []).map(({ Key = '', VersionId = '' }) => ({
      key: Key.slice(bucket.prefix.length),
      versionId: VersionId,
    }));
    from = page.IsTruncated === true ? { key: page.NextKeyMarker, version: page.NextVersionIdMarker } : undefined;
  } while (from?.key !== undefined);
}

export interface DefaultRetention {
  readonly mode: LockMode;
  readonly days: number;
}

/** What the bucket puts on objects that come without a lock; undefined where it puts nothing. A year counts as 365 days. */
export async function defaultRetentionOf(bucket: Bucket): Promise<DefaultRetention | undefined> {
  const { Mode, Days, Years = 0 } = (await defaultRule(bucket)) ?? {};
  const mode = modeOf(Mode);
  return mode === undefined ? undefined : { mode, days: Days ?? Years * 365 };
}

async function defaultRule({ connection, name }: Bucket) {
  const command = new GetObjectLockConfigurationCommand({ Bucket: name });
  try {
    const tried = `tell the default retention of the bucket ${name}`;
    const answer = await connection.send(tried, async () => connection.client.send(command));
    return answer.ObjectLockConfiguration?.Rule?.DefaultRetention;
  } catch (error) {
    if (isObjectStorageFault(error, 'not-found') || isObjectStorageFault(error, 'not-supported')) return undefined;
    throw error;
  }
}

function hashOf(algorithm: 'md5' | 'sha256', bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}

function crcOf(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}
