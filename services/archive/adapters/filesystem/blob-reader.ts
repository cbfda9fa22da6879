import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { BlobRef, BlobStat } from '../../blob-store.ts';
import { isDamaged, isDisposed, notFound } from '../blob-faults.ts';
import { refuseTooLarge } from '../content.ts';
import type { LocatedBlob, Locator } from './locator.ts';
import { messageOfPayload } from './payload.ts';
import { offsetOf, readAt, segmentNumberOf, type Segment, type SegmentFiles } from './segment-files.ts';
import { PREFIX_BYTES, TRAILER_BYTES, type FrameContent, type MessageHeader } from './segment-format.ts';
import { frameAt } from './segment-scanner.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Reads messages back. Every byte that leaves here was checked, or the reading ends with `damaged`. */
export class BlobReader {
  readonly #locator: Locator;
  readonly #files: SegmentFiles;
  readonly #inMemoryBytesMax: number;

  constructor(locator: Locator, files: SegmentFiles, inMemoryBytesMax: number) {
    this.#locator = locator;
    this.#files = files;
    this.#inMemoryBytesMax = inMemoryBytesMax;
  }

  async read(ref: BlobRef): Promise<Buffer> {
    const blob = this.#live(ref);
    refuseTooLarge(ref, blob.size, this.#inMemoryBytesMax);
    return this.#whole(ref, blob);
  }

  async *stream(ref: BlobRef): AsyncGenerator<Buffer> {
    const blob = this.#live(ref);
    if (blob.size <= this.#inMemoryBytesMax || blob.encoding === 'zstd') {
      yield await this.#whole(ref, blob);
      return;
    }
    const hash = createHash('sha256');
    for (let at = 0; at < blob.payloadBytes; at += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, blob.payloadBytes - at);
      const chunk = await this.#use(ref, blob, async (handle) => readAt(handle, payloadAt(blob) + at, length));
      if (chunk.length < length) throw this.#failed(ref, blob, 'it ends too early');
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest('hex') !== ref.digest) throw this.#failed(ref, blob, 'its bytes are not what was stored');
  }

  async stat(ref: BlobRef): Promise<BlobStat | undefined> {
    const blob = this.#locator.find(ref);
    if (blob?.state !== 'live') return undefined;
    const header = await this.#use(ref, blob, async (handle, segment) =>
      messageAt(await frameAt(handle, segment, offsetOf(blob.place)), ref),
    );
    if (header === undefined) throw this.#failed(ref, blob, 'its header is not what was stored');
    return statOf(header, blob);
  }

  async #whole(ref: BlobRef, blob: LocatedBlob): Promise<Buffer> {
    const length = blob.payloadBytes + TRAILER_BYTES;
    const bytes = await this.#use(ref, blob, async (handle) => readAt(handle, payloadAt(blob), length));
    const payload = bytes.subarray(0, blob.payloadBytes);
    const whole = bytes.length === length && crc32(payload) === bytes.readUInt32LE(blob.payloadBytes);
    const message = whole ? messageOfPayload(payload, { ...blob, digest: ref.digest }) : undefined;
    if (message === undefined) throw this.#failed(ref, blob, 'its bytes are not what was stored');
    return message;
  }

  #live(ref: BlobRef): LocatedBlob {
    const blob = this.#locator.find(ref);
    if (blob === undefined) throw notFound(ref);
    if (blob.state !== 'live') throw isDisposed(ref);
    return blob;
  }

  async #use<T>(
    ref: BlobRef,
    blob: LocatedBlob,
    use: (handle: FileHandle, segment: Segment) => Promise<T>,
  ): Promise<T> {
    const segment = this.#files.get(segmentNumberOf(blob.place));
    if (segment === undefined) throw isDamaged(ref, 'its segment is missing', this.#placeOf(blob));
    try {
      return await this.#files.use(segment, async (handle) => use(handle, segment));
    } catch (error) {
      throw isDamaged(ref, 'its segment cannot be read', this.#placeOf(blob), error);
    }
  }

  /** A message that is destroyed while it is read is disposed of, not damaged. */
  #failed(ref: BlobRef, blob: LocatedBlob, problem: string): Error {
    const now = this.#locator.find(ref);
    return now?.state === 'live' ? isDamaged(ref, problem, this.#placeOf(blob)) : isDisposed(ref);
  }

  #placeOf(blob: LocatedBlob): string {
    const number = segmentNumberOf(blob.place);
    return `${this.#files.get(number)?.name ?? `segment ${number}`} at ${offsetOf(blob.place)}`;
  }
}

/** The header of this message, where it is this message whose frame was read. */
export function messageAt(
  frame: { readonly content: FrameContent } | undefined,
  ref: BlobRef,
): MessageHeader | undefined {
  if (frame?.content.type !== 'message') return undefined;
  const { header } = frame.content;
  return header.digest === ref.digest && header.generation === ref.generation ? header : undefined;
}

export function statOf(header: MessageHeader, blob: Pick<LocatedBlob, 'lock'>): BlobStat {
  const { digest, generation, size, sighting, storedAt } = header;
  return { digest, generation, size, lock: blob.lock, sighting, storedAt };
}

function payloadAt(blob: LocatedBlob): number {
  return offsetOf(blob.place) + PREFIX_BYTES + blob.headerBytes;
}
