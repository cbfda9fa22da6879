import { open, unlink, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  encodeFrame,
  encodeSegmentHeader,
  frameBytes,
  PREFIX_BYTES,
  SEGMENT_HEADER_BYTES,
  TRAILER_BYTES,
  writeFrame,
  writeFrameHead,
  type EncodedFrame,
} from './segment-format.ts';
import { newSegment, syncFolder, writeAt, type Segment, type SegmentFiles } from './segment-files.ts';

/** A group larger than this is written and synced in parts, which bounds the memory for one write. */
const WRITE_BYTES_MAX = 32 * 1024 * 1024;

export interface WrittenFrame {
  readonly offset: number;
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

/** Where a run of frames came to lie. */
export interface Written {
  readonly segment: Segment;
  readonly begin: number;
  readonly frames: readonly WrittenFrame[];
  /** The end of the segment after it. */
  readonly end: number;
}

/** A segment that was given up because a write failed, and from where on its content was not acknowledged. */
export interface Abandoned {
  readonly segment: Segment;
  readonly from: number;
}

export interface SegmentWriterOptions {
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytesMax: number;
  /** Called with its number before a segment is begun, which it is not when this throws. */
  readonly beginning: (number: number) => Promise<void>;
  readonly onAbandoned: (abandoned: Abandoned) => void;
}

interface Current {
  readonly segment: Segment;
  readonly handle: FileHandle;
  end: number;
}

/**
 * Appends groups of frames to the newest segment, each followed by its commit marker in the same write and one fdatasync.
 * After any error the segment is given up: a failed fsync is never repeated, since it would then lie (the kernel has marked
 * the pages clean). Calls must not overlap.
 */
export class SegmentWriter {
  readonly #files: SegmentFiles;
  readonly #options: SegmentWriterOptions;
  #current: Current | undefined;

  constructor(files: SegmentFiles, options: SegmentWriterOptions) {
    this.#files = files;
    this.#options = options;
  }

  /** Number and end of the segment that is being written. */
  get position(): { readonly number: number; readonly end: number } | undefined {
    return this.#current && { number: this.#current.segment.number, end: this.#current.end };
  }

  /** Durable when it returns. A group over the size of one write comes in several parts; each is complete in itself. */
  async *append(frames: readonly EncodedFrame[]): AsyncGenerator<Written> {
    for (const part of partsOf(frames)) {
      const current = await this.#writable();
      yield await this.#guard(current, async () => appendPart(current, part));
    }
  }

  /** Writes one message of any size into a segment of its own; `source` must give exactly `payloadBytes`. */
  async appendLarge(frame: EncodedFrame, payloadBytes: number, source: AsyncIterable<Uint8Array>): Promise<Written> {
    await this.close();
    const current = await this.#begin();
    try {
      return await this.#guard(current, async () => appendStream(current, frame, payloadBytes, source));
    } finally {
      await this.close();
    }
  }

  /** Gives up what was written, which then counts as never acknowledged. */
  async giveUp(written: Written): Promise<void> {
    await this.close();
    this.#options.onAbandoned({ segment: written.segment, from: written.begin });
  }

  /** The next group begins a new segment. */
  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.handle.close();
  }

  async #writable(): Promise<Current> {
    if (this.#current !== undefined && this.#current.end >= this.#options.segmentBytesMax) await this.close();
    return this.#current ?? (await this.#begin());
  }

  async #begin(): Promise<Current> {
    const segment = newSegment(this.#files.nextNumber());
    await this.#options.beginning(segment.number);
    const path = this.#files.pathOf(segment);
    const handle = await open(path, 'wx');
    try {
      await writeAt(handle, 0, encodeSegmentHeader(segment.number, segment.id));
      await syncFolder(this.#files.folder);
    } catch (error) {
      await handle.close();
      await unlink(path);
      throw error;
    }
    this.#files.add(segment);
    this.#current = { segment, handle, end: SEGMENT_HEADER_BYTES };
    return this.#current;
  }

  async #guard(current: Current, write: () => Promise<Written>): Promise<Written> {
    try {
      return await write();
    } catch (error) {
      await this.#abandon(current);
      throw error;
    }
  }

  /** A segment in which nothing was ever acknowledged is removed, which also gives its space back. */
  async #abandon(current: Current): Promise<void> {
    this.#current = undefined;
    // The error that led here is the one to report.
    await current.handle.close().catch(() => undefined);
    const removed = current.end === SEGMENT_HEADER_BYTES && (await isUnlinked(this.#files.pathOf(current.segment)));
    if (removed) this.#files.remove(current.segment);
    else this.#options.onAbandoned({ segment: current.segment, from: current.end });
  }
}

async function isUnlinked(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    () => false,
  );
}

function* partsOf(frames: readonly EncodedFrame[]): Generator<EncodedFrame[]> {
  let part: EncodedFrame[] = [];
  let bytes = 0;
  for (const frame of frames) {
    if (part.length > 0 && bytes + frameBytes(frame) > WRITE_BYTES_MAX) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(frame);
    bytes += frameBytes(frame);
  }
  if (part.length > 0) yield part;
}

async function appendPart(current: Current, frames: readonly EncodedFrame[]): Promise<Written> {
  const written: WrittenFrame[] = [];
  const begin = current.end;
  let end = begin;
  for (const frame of frames) {
    written.push({ offset: end, headerBytes: frame.header.length, payloadBytes: frame.payload.length });
    end += frameBytes(frame);
  }
  const marker = encodeFrame('commit', { end, frames: frames.length });
  const bytes = Buffer.allocUnsafe(end - begin + frameBytes(marker));
  let at = 0;
  for (const frame of frames) at = writeFrame(bytes, at, frame, current.segment.seed);
  at = writeFrame(bytes, at, marker, current.segment.seed);
  await writeAt(current.handle, begin, bytes);
  await current.handle.datasync();
  current.end += bytes.length;
  return { segment: current.segment, begin, frames: written, end: current.end };
}

async function appendStream(
  current: Current,
  frame: EncodedFrame,
  payloadBytes: number,
  source: AsyncIterable<Uint8Array>,
): Promise<Written> {
  const { handle, segment, end: offset } = current;
  const head = Buffer.alloc(PREFIX_BYTES + frame.header.length);
  writeFrameHead(head, 0, frame, payloadBytes, segment.seed);
  await writeAt(handle, offset, head);
  const payloadAt = offset + head.length;
  let done = 0;
  let crc = 0;
  for await (const chunk of source) {
    await writeAt(handle, payloadAt + done, chunk);
    crc = crc32(chunk, crc);
    done += chunk.length;
  }
  const end = payloadAt + payloadBytes + TRAILER_BYTES;
  const marker = encodeFrame('commit', { end, frames: 1 });
  const tail = Buffer.alloc(TRAILER_BYTES + frameBytes(marker));
  tail.writeUInt32LE(crc, 0);
  writeFrame(tail, TRAILER_BYTES, marker, segment.seed);
  await writeAt(handle, payloadAt + payloadBytes, tail);
  await handle.datasync();
  current.end = end - TRAILER_BYTES + tail.length;
  return {
    segment,
    begin: offset,
    frames: [{ offset, headerBytes: frame.header.length, payloadBytes }],
    end: current.end,
  };
}
