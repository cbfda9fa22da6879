import type { FileHandle } from 'node:fs/promises';
import {
  beginsFrame,
  encodeSegmentHeader,
  FRAME_MAGIC,
  PREFIX_BYTES,
  readHeader,
  readPrefix,
  SEGMENT_HEADER_BYTES,
  TRAILER_BYTES,
  type FrameContent,
  type FramePrefix,
} from './segment-format.ts';
import { readAt, type Segment } from './segment-files.ts';

const WINDOW_BYTES = 1024 * 1024;

/** Sequential reading with few system calls. */
export class FileWindow {
  readonly size: number;
  readonly #handle: FileHandle;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  /** @param size reading stops there, even where the file has grown since */
  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /** The bytes from a position, fewer at the end. What was returned stays valid. */
  async at(position: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - position));
    const offset = position - this.#start;
    if (offset < 0 || offset + wanted > this.#bytes.length) {
      const ahead = Math.max(wanted, Math.min(WINDOW_BYTES, this.size - position));
      this.#bytes = await readAt(this.#handle, position, Math.max(0, ahead));
      this.#start = position;
      return this.#bytes.subarray(0, wanted);
    }
    return this.#bytes.subarray(offset, offset + wanted);
  }
}

export interface ScannedFrame {
  readonly kind: 'frame';
  readonly offset: number;
  readonly content: FrameContent;
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

/** The segment ends within a frame, as after a crash: the bytes there are a true beginning of one. */
export interface TornTail {
  readonly kind: 'torn';
  readonly offset: number;
  readonly content: FrameContent | undefined;
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

export interface ScannedDamage {
  readonly kind: 'damage';
  readonly offset: number;
  readonly problem: string;
}

export type Scanned = ScannedFrame | TornTail | ScannedDamage;

/** Why the file's header is wrong, or undefined. A header that is cut at the end of the file is a torn tail. */
export async function segmentHeaderProblem(window: FileWindow, segment: Segment): Promise<string | undefined> {
  const expected = encodeSegmentHeader(segment.number, segment.id);
  const found = await window.at(0, SEGMENT_HEADER_BYTES);
  return found.equals(expected.subarray(0, found.length)) ? undefined : 'the segment header is damaged';
}

/**
 * Walks the frames from an offset on. After damage it goes on at the next frame: at the length the prefix names where that
 * holds, else at the next place where a prefix of this segment stands. Payloads are left to the caller.
 */
export async function* scanFrames(window: FileWindow, segment: Segment, from: number): AsyncGenerator<Scanned> {
  const groups = new GroupCount(from === SEGMENT_HEADER_BYTES);
  let offset = from;
  while (offset < window.size) {
    const bytes = await window.at(offset, PREFIX_BYTES);
    if (bytes.length < PREFIX_BYTES) {
      yield cutPrefix(offset, bytes);
      return;
    }
    const prefix = readPrefix(bytes, segment.seed);
    if (prefix === undefined) {
      yield { kind: 'damage', offset, problem: 'no frame begins where one should' };
      groups.lose();
      offset = await nextFrame(window, segment, offset + 1);
      continue;
    }
    const scanned = await readFrame(window, offset, prefix);
    yield groups.check(scanned);
    offset += PREFIX_BYTES + prefix.headerBytes + prefix.payloadBytes + TRAILER_BYTES;
  }
}

function cutPrefix(offset: number, bytes: Buffer): Scanned {
  if (beginsFrame(bytes)) return { kind: 'torn', offset, content: undefined, headerBytes: 0, payloadBytes: 0 };
  return { kind: 'damage', offset, problem: 'the segment ends in bytes that do not begin a frame' };
}

/** What stands at an offset, or undefined where no sound prefix and header do. Reads nothing of a payload. */
export async function frameAt(
  handle: FileHandle,
  segment: Segment,
  offset: number,
): Promise<(FramePrefix & { readonly content: FrameContent }) | undefined> {
  const bytes = await readAt(handle, offset, PREFIX_BYTES);
  const prefix = bytes.length === PREFIX_BYTES ? readPrefix(bytes, segment.seed) : undefined;
  if (prefix === undefined) return undefined;
  const content = readHeader(prefix, await readAt(handle, offset + PREFIX_BYTES, prefix.headerBytes));
  return content && { ...prefix, content };
}

async function readFrame(window: FileWindow, offset: number, prefix: FramePrefix): Promise<Scanned> {
  const { headerBytes, payloadBytes } = prefix;
  const bytes = await window.at(offset + PREFIX_BYTES, headerBytes);
  if (bytes.length < headerBytes) return { kind: 'torn', offset, content: undefined, headerBytes, payloadBytes };
  const content = readHeader(prefix, bytes);
  if (content === undefined) return { kind: 'damage', offset, problem: 'the frame header is damaged' };
  const end = offset + PREFIX_BYTES + headerBytes + payloadBytes + TRAILER_BYTES;
  return { kind: end > window.size ? 'torn' : 'frame', offset, content, headerBytes, payloadBytes };
}

/** The position of the next bytes that are a prefix of this segment, or the end. */
async function nextFrame(window: FileWindow, segment: Segment, from: number): Promise<number> {
  let position = from;
  while (position + PREFIX_BYTES <= window.size) {
    const bytes = await window.at(position, WINDOW_BYTES);
    const found = bytes.indexOf(FRAME_MAGIC);
    if (found < 0) {
      position += Math.max(1, bytes.length - (FRAME_MAGIC.length - 1));
      continue;
    }
    position += found;
    const prefix = await window.at(position, PREFIX_BYTES);
    if (prefix.length === PREFIX_BYTES && readPrefix(prefix, segment.seed) !== undefined) return position;
    position += 1;
  }
  return window.size;
}

/** Compares each commit marker with the frames that came before it. */
class GroupCount {
  #known: boolean;
  #frames = 0;

  constructor(known: boolean) {
    this.#known = known;
  }

  lose(): void {
    this.#known = false;
  }

  check(scanned: Scanned): Scanned {
    if (scanned.kind === 'damage') this.lose();
    if (scanned.kind !== 'frame') return scanned;
    if (scanned.content.type !== 'commit') {
      this.#frames += 1;
      return scanned;
    }
    const { frames, end } = scanned.content.header;
    const right = end === scanned.offset && (!this.#known || frames === this.#frames);
    this.#known = true;
    this.#frames = 0;
    return right
      ? scanned
      : { kind: 'damage', offset: scanned.offset, problem: 'the group before this marker is not whole' };
  }
}
