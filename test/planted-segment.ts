import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encodeFrame,
  encodeSegmentHeader,
  frameBytes,
  SEGMENT_HEADER_BYTES,
  seedOf,
  writeFrame,
  type EncodedFrame,
  type FrameContent,
} from '../services/archive/adapters/filesystem/segment-format.ts';

const id = '00112233445566aa';

/** A segment as it lies on the disk, of these frames. */
export function segmentBytes(number: number, id: string, frames: readonly EncodedFrame[]): Buffer {
  const bytes = Buffer.alloc(frames.reduce((at, frame) => at + frameBytes(frame), SEGMENT_HEADER_BYTES));
  let at = encodeSegmentHeader(number, id).copy(bytes);
  for (const frame of frames) at = writeFrame(bytes, at, frame, seedOf(id));
  return bytes;
}

/** Writes a segment as the archive would, which it did not; returns its name. Without frames it is a header alone. */
export async function plantSegment(folder: string, number: number, contents: readonly FrameContent[]): Promise<string> {
  const frames = contents.map(({ type, header }) => encodeFrame(type, { ...header }));
  const end = frames.reduce((at, frame) => at + frameBytes(frame), SEGMENT_HEADER_BYTES);
  if (frames.length > 0) frames.push(encodeFrame('commit', { end, frames: frames.length }));
  const name = `${String(number).padStart(8, '0')}-${id}.seg`;
  await writeFile(join(folder, name), segmentBytes(number, id, frames));
  return name;
}
