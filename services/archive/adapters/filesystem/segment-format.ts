import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { asDigest, canonicalJson, isDigest, type Json } from '#kernel';

/** The bytes of a segment, as services/archive/README.md "Format" describes them. All numbers are little-endian. */
const SEGMENT_MAGIC = Buffer.from('MUNISEG1', 'latin1');
export const SEGMENT_HEADER_BYTES = 28;
export const FRAME_MAGIC = Buffer.from([0xab, 0x46, 0x52, 0x4d]);
const FORMAT_VERSION = 1;
export const PREFIX_BYTES = 20;
export const TRAILER_BYTES = 4;
const FRAME_HEADER_BYTES_MAX = 0xffff;
export const PAYLOAD_BYTES_MAX = 0xffff_ffff;

const digest = z.string().refine(isDigest).transform(asDigest);
const generation = z.int().positive();
const lock = z.strictObject({ legalHold: z.boolean(), retainUntil: z.int().nullable() });

const schemas = {
  message: z.strictObject({
    digest,
    encoding: z.enum(['raw', 'zstd']),
    generation,
    lock,
    sighting: z.string(),
    size: z.int().nonnegative(),
    storedAt: z.int(),
  }),
  lock: z.strictObject({ at: z.int(), digest, generation, lock }),
  disposal: z.strictObject({ at: z.int(), digest, generation, order: z.string(), orderedAt: z.int() }),
  commit: z.strictObject({ end: z.int(), frames: z.int().positive() }),
};

export type MessageHeader = z.infer<typeof schemas.message>;
export type LockHeader = z.infer<typeof schemas.lock>;
export type DisposalHeader = z.infer<typeof schemas.disposal>;
export type CommitHeader = z.infer<typeof schemas.commit>;

export type FrameContent =
  | { readonly type: 'message'; readonly header: MessageHeader }
  | { readonly type: 'lock'; readonly header: LockHeader }
  | { readonly type: 'disposal'; readonly header: DisposalHeader }
  | { readonly type: 'commit'; readonly header: CommitHeader };
export type FrameType = FrameContent['type'];

const TYPE_NUMBERS: Readonly<Record<FrameType, number>> = { message: 1, lock: 2, disposal: 3, commit: 4 };
const TYPES: readonly (FrameType | undefined)[] = [undefined, 'message', 'lock', 'disposal', 'commit'];

/** A frame ready to be written: its header as canonical JSON, and its payload (only messages have one). */
export interface EncodedFrame {
  readonly type: FrameType;
  readonly header: Buffer;
  readonly payload: Uint8Array;
}

export interface FramePrefix {
  readonly type: FrameType;
  readonly headerBytes: number;
  readonly payloadBytes: number;
  readonly headerCrc: number;
}

const NO_PAYLOAD = new Uint8Array(0);

export function encodeFrame(type: FrameType, header: Json, payload: Uint8Array = NO_PAYLOAD): EncodedFrame {
  const encoded = Buffer.from(canonicalJson(header), 'utf8');
  if (encoded.length > FRAME_HEADER_BYTES_MAX) throw new RangeError(`frame header of ${encoded.length} bytes`);
  return { type, header: encoded, payload };
}

export function frameBytes(frame: { readonly header: Buffer; readonly payload: Uint8Array }): number {
  return PREFIX_BYTES + frame.header.length + frame.payload.length + TRAILER_BYTES;
}

/** Writes a whole frame at a position of a buffer and returns the position after it. */
export function writeFrame(target: Buffer, at: number, frame: EncodedFrame, seed: number): number {
  const payloadAt = writeFrameHead(target, at, frame, frame.payload.length, seed);
  target.set(frame.payload, payloadAt);
  return target.writeUInt32LE(crc32(frame.payload), payloadAt + frame.payload.length);
}

/** Writes prefix and header only; the payload and its crc follow. */
export function writeFrameHead(
  target: Buffer,
  at: number,
  frame: Pick<EncodedFrame, 'type' | 'header'>,
  payloadBytes: number,
  seed: number,
): number {
  target.set(FRAME_MAGIC, at);
  target.writeUInt8(TYPE_NUMBERS[frame.type], at + 4);
  target.writeUInt8(FORMAT_VERSION, at + 5);
  target.writeUInt16LE(frame.header.length, at + 6);
  target.writeUInt32LE(payloadBytes, at + 8);
  target.writeUInt32LE(crc32(frame.header), at + 12);
  target.writeUInt32LE(crc32(target.subarray(at, at + 16), seed), at + 16);
  target.set(frame.header, at + PREFIX_BYTES);
  return at + PREFIX_BYTES + frame.header.length;
}

/** The prefix, or undefined where these 20 bytes are not one of this segment. */
export function readPrefix(bytes: Buffer, seed: number): FramePrefix | undefined {
  if (bytes.compare(FRAME_MAGIC, 0, 4, 0, 4) !== 0) return undefined;
  if (bytes.readUInt32LE(16) !== crc32(bytes.subarray(0, 16), seed)) return undefined;
  const type = TYPES[bytes.readUInt8(4)];
  if (type === undefined || bytes.readUInt8(5) !== FORMAT_VERSION) return undefined;
  return {
    type,
    headerBytes: bytes.readUInt16LE(6),
    payloadBytes: bytes.readUInt32LE(8),
    headerCrc: bytes.readUInt32LE(12),
  };
}

/** Whether fewer than 20 bytes at the end of a file are how a frame begins. */
export function beginsFrame(bytes: Buffer): boolean {
  const magic = Math.min(bytes.length, FRAME_MAGIC.length);
  if (bytes.compare(FRAME_MAGIC, 0, magic, 0, magic) !== 0) return false;
  if (bytes.length > 4 && TYPES[bytes.readUInt8(4)] === undefined) return false;
  return bytes.length <= 5 || bytes.readUInt8(5) === FORMAT_VERSION;
}

/** The header, or undefined where its crc or its fields are wrong. */
export function readHeader(prefix: FramePrefix, bytes: Buffer): FrameContent | undefined {
  if (crc32(bytes) !== prefix.headerCrc) return undefined;
  try {
    return parseHeader(prefix.type, JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

function parseHeader(type: FrameType, json: unknown): FrameContent {
  switch (type) {
    case 'message':
      return { type, header: schemas.message.parse(json) };
    case 'lock':
      return { type, header: schemas.lock.parse(json) };
    case 'disposal':
      return { type, header: schemas.disposal.parse(json) };
    case 'commit':
      return { type, header: schemas.commit.parse(json) };
  }
}

/** The crc that every prefix of a segment starts from, so that a frame inside a message's bytes is never taken for one. */
export function seedOf(id: string): number {
  return crc32(Buffer.from(id, 'hex'));
}

export function encodeSegmentHeader(number: number, id: string): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.set(SEGMENT_MAGIC, 0);
  bytes.writeUInt32LE(FORMAT_VERSION, 8);
  bytes.writeUInt32LE(number, 12);
  bytes.set(Buffer.from(id, 'hex'), 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
  return bytes;
}
