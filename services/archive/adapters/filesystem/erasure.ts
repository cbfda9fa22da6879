import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { BlobRef } from '../../blob-store.ts';
import type { Copy, Locator } from './locator.ts';
import { offsetOf, readAt, segmentNumberOf, writeAt, type SegmentFiles } from './segment-files.ts';
import { PREFIX_BYTES, TRAILER_BYTES } from './segment-format.ts';

const CHUNK_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/**
 * Overwrites every copy of a blob whose disposal is durable, payload and crc, with zeros; the frame's header stays. Can be
 * repeated at any time.
 * @returns how many copies there were
 */
export async function eraseCopies(locator: Locator, files: SegmentFiles, ref: BlobRef): Promise<number> {
  const blob = locator.find(ref);
  if (blob === undefined) return 0;
  const copies: readonly Copy[] = [...(blob.place === 0 ? [] : [blob]), ...locator.copiesOf(ref)];
  for (const copy of copies) await eraseCopy(files, copy);
  locator.markDisposed(ref);
  return copies.length;
}

/** Finishes what a crash interrupted. */
export async function finishErasures(locator: Locator, files: SegmentFiles): Promise<void> {
  for (let refs = locator.disposing(); refs.length > 0; refs = locator.disposing()) {
    for (const ref of refs) await eraseCopies(locator, files, ref);
  }
}

async function eraseCopy(files: SegmentFiles, copy: Copy): Promise<void> {
  const segment = files.get(segmentNumberOf(copy.place));
  // A copy whose segment is gone is gone.
  if (segment === undefined) return;
  const handle = await open(files.pathOf(segment), constants.O_RDWR);
  try {
    const from = offsetOf(copy.place) + PREFIX_BYTES + copy.headerBytes;
    // A torn copy ends with its file, which is not made longer.
    const end = Math.min(from + copy.payloadBytes + TRAILER_BYTES, (await handle.stat()).size);
    await overwrite(handle, from, end);
  } finally {
    await handle.close();
  }
}

/** Zeros that are there already are not written again, so that finishing is cheap after the locator was lost. */
async function overwrite(handle: FileHandle, from: number, end: number): Promise<void> {
  for (let at = from; at < end; at += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, end - at);
    const zeros = ZEROS.subarray(0, length);
    if ((await readAt(handle, at, length)).equals(zeros)) continue;
    await writeAt(handle, at, zeros);
  }
  // Also where nothing was written now: a process that died may have written without this.
  if (from < end) await handle.datasync();
}
