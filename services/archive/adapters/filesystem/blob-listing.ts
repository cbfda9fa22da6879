import { open } from 'node:fs/promises';
import type { BlobStat } from '../../blob-store.ts';
import { statOf } from './blob-reader.ts';
import type { Locator } from './locator.ts';
import { placeOf, type Segment, type SegmentFiles } from './segment-files.ts';
import { SEGMENT_HEADER_BYTES } from './segment-format.ts';
import { FileWindow, scanFrames, type Scanned } from './segment-scanner.ts';

/**
 * Every blob that can be read, in the order in which they were written, so that the disk is read from front to back. What is
 * stored while this runs may or may not be in it.
 */
export async function* listBlobs(locator: Locator, files: SegmentFiles): AsyncGenerator<BlobStat> {
  const known = locator.segments();
  for (const segment of files.all()) {
    const end = known.get(segment.name);
    if (end !== undefined) yield* listSegment(locator, files, segment, end);
  }
}

async function* listSegment(
  locator: Locator,
  files: SegmentFiles,
  segment: Segment,
  end: number,
): AsyncGenerator<BlobStat> {
  const handle = await open(files.pathOf(segment), 'r');
  try {
    for await (const item of scanFrames(new FileWindow(handle, end), segment, SEGMENT_HEADER_BYTES)) {
      const stat = statOfFrame(locator, segment, item);
      if (stat !== undefined) yield stat;
    }
  } finally {
    await handle.close();
  }
}

/** Undefined for what is no message, was disposed of, or is a further copy of one. */
function statOfFrame(locator: Locator, segment: Segment, item: Scanned): BlobStat | undefined {
  if (item.kind !== 'frame' || item.content.type !== 'message') return undefined;
  const { header } = item.content;
  const blob = locator.find(header);
  if (blob?.state !== 'live' || blob.place !== placeOf(segment, item.offset)) return undefined;
  return statOf(header, blob);
}
