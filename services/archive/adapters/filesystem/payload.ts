import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { digestOf } from '#kernel';
import type { BlobPut } from '../../blob-store.ts';
import { compressedFromBytes } from '../../compression.ts';
import type { MessageHeader } from './segment-format.ts';

/** What is written for one message. */
export interface Payload {
  readonly encoding: MessageHeader['encoding'];
  readonly bytes: Uint8Array;
}

/** Up to this size compressing at once costs less than handing over to another thread and back. */
const SYNC_BYTES_MAX = 64 * 1024;
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const compressAside = promisify(zstdCompress);

/** As one zstd frame, the caller's own where there is one; as it is where that is not smaller, or not worth it. */
export async function payloadOf(put: BlobPut, bytes: Uint8Array): Promise<Payload> {
  if (put.zstd === undefined && bytes.length < compressedFromBytes) return { encoding: 'raw', bytes };
  const zstd = put.zstd ?? (await compress(bytes));
  return zstd.length < bytes.length ? { encoding: 'zstd', bytes: zstd } : { encoding: 'raw', bytes };
}

async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return bytes.length <= SYNC_BYTES_MAX ? zstdCompressSync(bytes, OPTIONS) : compressAside(bytes, OPTIONS);
}

/** The message, or undefined where the payload is not what was stored under its digest. */
export function messageOfPayload(
  payload: Buffer,
  is: Pick<MessageHeader, 'digest' | 'encoding' | 'size'>,
): Buffer | undefined {
  const bytes = is.encoding === 'raw' ? payload : decompress(payload, is.size);
  return bytes !== undefined && bytes.length === is.size && digestOf(bytes) === is.digest ? bytes : undefined;
}

function decompress(payload: Buffer, size: number): Buffer | undefined {
  try {
    // One output buffer of the right size halves the time; zlib takes none below 64 bytes.
    return zstdDecompressSync(payload, { maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size, 64) });
  } catch {
    return undefined;
  }
}
