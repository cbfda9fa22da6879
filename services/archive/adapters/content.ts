import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { digestOf, limits } from '#kernel';
import { ArchiveFault } from '../archive-fault.ts';
import type { BlobPut, BlobRef, BlobSource } from '../blob-store.ts';

/** The bytes of a message that fits in memory, checked against its size and digest. @throws `digest-mismatch` */
export async function contentInMemory(put: BlobPut): Promise<Uint8Array> {
  const bytes = 'bytes' in put.content ? put.content.bytes : await readFile(put.content.file);
  if (bytes.length !== put.size || digestOf(bytes) !== put.digest) throw contentMismatch(put);
  return bytes;
}

/** The content in chunks. Ends with `digest-mismatch` where it is not what size and digest say, and never gives more. */
export async function* checkedContent(put: BlobPut): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunksOf(put.content)) {
    size += chunk.length;
    if (size > put.size) throw contentMismatch(put);
    hash.update(chunk);
    yield chunk;
  }
  if (size !== put.size || hash.digest('hex') !== put.digest) throw contentMismatch(put);
}

export function contentMismatch(ref: BlobRef): ArchiveFault {
  return new ArchiveFault(
    'digest-mismatch',
    `The content given for ${ref.digest} is not what its digest and size say`,
    {
      remedy: 'Read the message from its source again; nothing of this call was acknowledged.',
      facts: { digest: ref.digest },
    },
  );
}

/** Whether a size is for `stream` only. @throws `too-large` */
export function refuseTooLarge(ref: BlobRef, size: number, bytesMax: number = limits.messageInMemoryBytesMax): void {
  if (size <= bytesMax) return;
  throw new ArchiveFault('too-large', `The message ${ref.digest} has ${size} bytes, too many to be read at once`, {
    remedy: 'Read it as a stream.',
    facts: { digest: ref.digest, size },
  });
}

const CHUNK_BYTES = 1024 * 1024;

async function* chunksOf(content: BlobSource): AsyncGenerator<Uint8Array> {
  if ('file' in content) {
    yield* createReadStream(content.file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
    return;
  }
  for (let at = 0; at < content.bytes.length; at += CHUNK_BYTES) yield content.bytes.subarray(at, at + CHUNK_BYTES);
}
