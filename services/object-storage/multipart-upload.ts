import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import type { Digest } from '#kernel';
import type { LockMode } from './bucket-options.ts';
import type { Connection } from './connection.ts';
import { storageFault } from './fault-of-error.ts';
import { isObjectStorageFault } from './object-storage-fault.ts';
import { fieldsOf, integrityOf, type PutOptions } from './put-fields.ts';

export interface FileContent {
  readonly file: string;
  readonly size: number;
  /** What the file must contain: checked while it is read, before the object comes to be. */
  readonly sha256: Digest;
}

export interface Upload {
  readonly bucket: string;
  /** With the prefix. */
  readonly key: string;
  readonly content: FileContent;
  readonly options: PutOptions;
  readonly mode: LockMode;
}

interface Begun extends Upload {
  readonly uploadId: string;
}

export type Completed =
  | { readonly outcome: 'created'; readonly versionId: string | undefined; readonly servedAt: number | undefined }
  | { readonly outcome: 'exists'; readonly replyLost: boolean };

const PARTS_AT_ONCE = 4;

/**
 * Creates a large object from a file in parts, with a few parts in memory. Nothing is at the key until the last request,
 * which creates it only if it is absent; a failure before that leaves nothing.
 * @throws ObjectStorageFault `bad-digest` when the file is not what it should be
 */
export async function createInParts(connection: Connection, upload: Upload): Promise<Completed> {
  const { bucket, key, options, mode } = upload;
  const command = new CreateMultipartUploadCommand({
    Bucket: bucket,
    Key: key,
    ChecksumAlgorithm: ChecksumAlgorithm.SHA256,
    ...fieldsOf(options, mode),
  });
  const begun = await connection.send(`begin to store ${key}`, async () => connection.client.send(command));
  if (begun.UploadId === undefined) throw storageFault('unexpected', `begin to store ${key}`, 'no id of the upload');
  const whole = { ...upload, uploadId: begun.UploadId };
  try {
    return await complete(connection, whole, await sendParts(connection, whole));
  } catch (error) {
    await abort(connection, whole);
    throw error;
  }
}

async function sendParts(connection: Connection, upload: Begun): Promise<CompletedPart[]> {
  const { content, key } = upload;
  const parts: CompletedPart[] = [];
  const hash = createHash('sha256');
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const handle = await open(content.file, 'r');
  try {
    for await (const { bytes, number } of partsOf(handle, content.size, connection.limits.partBytes)) {
      hash.update(bytes);
      const sent = sendPart(connection, upload, bytes, number)
        .then((part) => void (parts[number - 1] = part))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
      if (underWay.size >= PARTS_AT_ONCE) await Promise.race(underWay);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(underWay);
    await handle.close();
  }
  if (failures.length > 0) throw failures[0];
  if (hash.digest('hex') !== content.sha256) {
    throw storageFault('bad-digest', `store ${key}`, 'the file is not what its digest and size say');
  }
  return parts;
}

/** The file up to its size, in parts; one empty part where it is empty. One byte more than its size makes the digest wrong. */
async function* partsOf(handle: FileHandle, size: number, partBytes: number) {
  let at = 0;
  for (let number = 1; number === 1 || at < size; number += 1) {
    const buffer = Buffer.alloc(Math.min(partBytes, size - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    yield { bytes: buffer.subarray(0, bytesRead), number };
    if (bytesRead === 0) return;
    at += bytesRead;
  }
}

async function sendPart(
  connection: Connection,
  { bucket, key, uploadId }: Begun,
  bytes: Buffer,
  number: number,
): Promise<CompletedPart> {
  const { ContentMD5, ChecksumSHA256 } = integrityOf(bytes);
  const sent = await connection.send(`store part ${number} of ${key}`, async () =>
    connection.client.send(
      new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        Body: bytes,
        ContentMD5,
        ChecksumSHA256,
      }),
    ),
  );
  return { PartNumber: number, ETag: sent.ETag, ChecksumSHA256 };
}

async function complete(connection: Connection, upload: Begun, parts: CompletedPart[]): Promise<Completed> {
  const { bucket, key, uploadId } = upload;
  const command = new CompleteMultipartUploadCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    IfNoneMatch: '*',
    MultipartUpload: { Parts: parts },
  });
  let attempts = 0;
  try {
    const done = await connection.send(`finish storing ${key}`, async () => {
      attempts += 1;
      return connection.client.send(command);
    });
    return { outcome: 'created', versionId: done.VersionId, servedAt: connection.servedAt(done) };
  } catch (error) {
    // An upload that an earlier attempt finished, whose reply was lost, is not there any more.
    const replyLost = attempts > 1;
    const finished = replyLost && isObjectStorageFault(error, 'not-found');
    if (!finished && !isObjectStorageFault(error, 'precondition-failed')) throw error;
    if (!finished) await abort(connection, upload);
    return { outcome: 'exists', replyLost };
  }
}

/** Takes back parts that nobody will use. Best effort: what is left is found by `incompleteUploads`. */
async function abort(connection: Connection, { bucket, key, uploadId }: Begun): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
  await connection.send(`give up storing ${key}`, async () => connection.client.send(command)).catch(() => undefined);
}
