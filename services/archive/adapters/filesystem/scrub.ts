import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { messageOf } from '#kernel';
import type { BlobDamage, BlobRef } from '../../blob-store.ts';
import { markerProblem } from './abandoned.ts';
import type { Locator } from './locator.ts';
import { locatorDamage } from './locator-comparison.ts';
import { messageOfPayload } from './payload.ts';
import { markerOf, placeOf, type Segment, type SegmentFiles } from './segment-files.ts';
import { PREFIX_BYTES, SEGMENT_HEADER_BYTES, TRAILER_BYTES, type MessageHeader } from './segment-format.ts';
import { strayFiles } from './stray-files.ts';
import { FileWindow, scanFrames, segmentHeaderProblem, type Scanned, type ScannedFrame } from './segment-scanner.ts';

const CHUNK_BYTES = 1024 * 1024;

const NOT_ERASED = 'bytes stand where a message was erased';

/** The segment that is being written, and how far it is durable. */
export type WritePosition = { readonly number: number; readonly end: number } | undefined;

/**
 * Reads every byte of every segment and names what is not as it was written, what the archive did not write, and, where all
 * is well with the segments, what the locator does not say as they do.
 */
export async function* scrubSegments(
  locator: Locator,
  files: SegmentFiles,
  position: WritePosition,
): AsyncGenerator<BlobDamage> {
  let isSound = true;
  for await (const damage of segmentDamage(locator, files, position)) {
    // The locator may be what is wrong.
    if (damage.problem !== NOT_ERASED) isSound = false;
    yield damage;
  }
  if (isSound) yield* locatorDamage(locator, files);
}

async function* segmentDamage(
  locator: Locator,
  files: SegmentFiles,
  position: WritePosition,
): AsyncGenerator<BlobDamage> {
  const known = locator.segments();
  const present = new Set<string>();
  for (const segment of files.all()) {
    present.add(segment.name);
    const end = position?.number === segment.number ? position.end : Number.POSITIVE_INFINITY;
    const scrub = new SegmentScrub(locator, segment, { written: end, abandonedFrom: files.abandonedFrom(segment) });
    yield* scrub.run(files.pathOf(segment), known.get(segment.name) ?? 0);
  }
  for (const name of known.keys()) {
    if (!present.has(name)) yield { place: name, problem: 'the segment is missing' };
  }
  yield* strayFiles(files);
}

/** Where a segment ends that is judged: how far it is durable, and from where on its markers give it up. */
interface SegmentEnd {
  readonly written: number;
  readonly abandonedFrom: readonly number[];
}

class SegmentScrub {
  readonly #locator: Locator;
  readonly #segment: Segment;
  readonly #end: SegmentEnd;

  constructor(locator: Locator, segment: Segment, end: SegmentEnd) {
    this.#locator = locator;
    this.#segment = segment;
    this.#end = end;
  }

  /** @param known how far this segment has been seen to go */
  async *run(path: string, known: number): AsyncGenerator<BlobDamage> {
    try {
      await using handle = await open(path, 'r');
      const { size } = await handle.stat();
      if (size < known) yield this.#damage(size, `the segment is shorter than it was: ${size} of ${known} bytes`);
      let end = Math.min(size, this.#end.written);
      for (const from of this.#end.abandonedFrom) {
        const fault = await this.#markerProblem(handle, from, size);
        if (fault === undefined) end = Math.min(end, from);
        else yield { place: markerOf(this.#segment, from), problem: `no failed write left this marker: ${fault}` };
      }
      // What a false marker hides is judged like everything else.
      const window = new FileWindow(handle, end);
      const problem = await segmentHeaderProblem(window, this.#segment);
      if (problem !== undefined) yield this.#damage(0, problem);
      for await (const item of scanFrames(window, this.#segment, SEGMENT_HEADER_BYTES)) {
        const damage = await this.#check(window, item);
        if (damage !== undefined) yield damage;
      }
    } catch (error) {
      yield this.#damage(0, `the segment cannot be read: ${messageOf(error)}`);
    }
  }

  async #markerProblem(handle: FileHandle, from: number, size: number): Promise<string | undefined> {
    const isRead = this.#locator.readsFrom(placeOf(this.#segment, from), placeOf(this.#segment, size));
    return isRead ? 'it gives up messages that are read' : await markerProblem(handle, this.#segment, from);
  }

  async #check(window: FileWindow, item: Scanned): Promise<BlobDamage | undefined> {
    if (item.kind === 'torn') return undefined;
    if (item.kind === 'damage') {
      const ref = this.#locator.refAt(placeOf(this.#segment, item.offset));
      return this.#damage(item.offset, item.problem, ref);
    }
    if (item.content.type !== 'message') return this.#checkBare(window, item);
    const { header } = item.content;
    const problem = await this.#messageProblem(window, item, header);
    if (problem === undefined) return undefined;
    return this.#damage(item.offset, problem, { digest: header.digest, generation: header.generation });
  }

  /** Frames other than messages have no payload, so their trailer is the crc of nothing. */
  async #checkBare(window: FileWindow, frame: ScannedFrame): Promise<BlobDamage | undefined> {
    const trailer = await window.at(payloadAt(frame), TRAILER_BYTES);
    if (frame.payloadBytes === 0 && trailer.length === TRAILER_BYTES && trailer.readUInt32LE(0) === 0) return undefined;
    return this.#damage(frame.offset, `the ${frame.content.type} frame is damaged`);
  }

  async #messageProblem(window: FileWindow, frame: ScannedFrame, header: MessageHeader): Promise<string | undefined> {
    if (this.#isLive(header)) {
      if (await isSound(window, frame, header)) return undefined;
      // Between the two looks it may have been disposed of.
      if (this.#isLive(header)) return 'the message is not what was stored';
    }
    if (await isErased(window, frame)) return undefined;
    return this.#locator.find(header)?.state === 'disposed' ? NOT_ERASED : undefined;
  }

  #isLive(ref: BlobRef): boolean {
    return (this.#locator.find(ref)?.state ?? 'live') === 'live';
  }

  #damage(offset: number, problem: string, ref?: BlobRef): BlobDamage {
    const place = `${this.#segment.name} at ${offset}`;
    return ref === undefined ? { place, problem } : { ref, place, problem };
  }
}

function payloadAt(frame: ScannedFrame): number {
  return frame.offset + PREFIX_BYTES + frame.headerBytes;
}

async function isSound(window: FileWindow, frame: ScannedFrame, header: MessageHeader): Promise<boolean> {
  const trailer = await crcOf(window, frame);
  if (frame.payloadBytes <= CHUNK_BYTES || header.encoding === 'zstd') {
    const payload = await window.at(payloadAt(frame), frame.payloadBytes);
    return crc32(payload) === trailer && messageOfPayload(payload, header) !== undefined;
  }
  const hash = createHash('sha256');
  let crc = 0;
  for await (const chunk of chunksOf(window, frame)) {
    crc = crc32(chunk, crc);
    hash.update(chunk);
  }
  return crc === trailer && hash.digest('hex') === header.digest;
}

async function isErased(window: FileWindow, frame: ScannedFrame): Promise<boolean> {
  if ((await crcOf(window, frame)) !== 0) return false;
  for await (const chunk of chunksOf(window, frame)) {
    if (!chunk.equals(Buffer.alloc(chunk.length))) return false;
  }
  return true;
}

async function crcOf(window: FileWindow, frame: ScannedFrame): Promise<number> {
  return (await window.at(payloadAt(frame) + frame.payloadBytes, TRAILER_BYTES)).readUInt32LE(0);
}

async function* chunksOf(window: FileWindow, frame: ScannedFrame): AsyncGenerator<Buffer> {
  for (let at = 0; at < frame.payloadBytes; at += CHUNK_BYTES) {
    yield window.at(payloadAt(frame) + at, Math.min(CHUNK_BYTES, frame.payloadBytes - at));
  }
}
