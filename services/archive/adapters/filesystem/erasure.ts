import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { BlobRef } from '../../blob-store.ts';
import { isMislocated } from '../blob-faults.ts';
import { messageAt } from './blob-reader.ts';
import type { Copy, Locator } from './locator.ts';
import { offsetOf, readAt, segmentNumberOf, writeAt, type Segment, type SegmentFiles } from './segment-files.ts';
import { PREFIX_BYTES, TRAILER_BYTES } from './segment-format.ts';
import { frameAt } from './segment-scanner.ts';

const CHUNK_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/**
 * Overwrites every copy of a blob whose disposal is durable, payload and crc, with zeros; the frame's header stays. Can be
 * repeated at any time. The locator is not believed: nothing is destroyed unless the segments have the order, and have this
 * message at each place.
 * @returns how many copies there were
 * @throws ArchiveFault `damaged` where the segments do not have what the locator says; the next start makes it anew
 */
export async function eraseCopies(locator: Locator, files: SegmentFiles, ref: BlobRef): Promise<number> {
  if (locator.find(ref) === undefined) return 0;
  await confirmOrder(locator, files, ref);
  const copies = await confirmCopies(locator, files, ref);
  for (const copy of copies) await eraseCopy(files, copy);
  locator.markDisposed(ref);
  return copies.length;
}

/** Finishes what a crash interrupted. @throws ArchiveFault `damaged`, as above */
export async function finishErasures(locator: Locator, files: SegmentFiles): Promise<void> {
  for (let refs = locator.disposing(); refs.length > 0; refs = locator.disposing()) {
    for (const ref of refs) await eraseCopies(locator, files, ref);
  }
}

/**
 * The copies of a blob that the locator has.
 * @throws ArchiveFault `damaged` where another message stands at the place of one
 */
export async function confirmCopies(locator: Locator, files: SegmentFiles, ref: BlobRef): Promise<readonly Copy[]> {
  const copies = copiesOf(locator, ref);
  for (const copy of copies) {
    // A copy whose segment is gone is gone.
    if (files.get(segmentNumberOf(copy.place)) !== undefined) await confirmCopy(locator, files, ref, copy);
  }
  return copies;
}

/** Whether a blob can be read, as far as its frame's header says. @throws ArchiveFault `damaged` where the locator alone says so */
export async function confirmLive(locator: Locator, files: SegmentFiles, ref: BlobRef): Promise<boolean> {
  const blob = locator.find(ref);
  if (blob?.state !== 'live') return false;
  await confirmCopy(locator, files, ref, blob);
  return true;
}

async function confirmCopy(locator: Locator, files: SegmentFiles, ref: BlobRef, copy: Copy): Promise<void> {
  const segment = files.get(segmentNumberOf(copy.place));
  const frame = segment && (await readFrame(files, segment, copy.place));
  const isThis = frame?.headerBytes === copy.headerBytes && frame.payloadBytes === copy.payloadBytes;
  if (!isThis || messageAt(frame, ref) === undefined) throw differs(locator, ref, segment, copy.place);
}

async function confirmOrder(locator: Locator, files: SegmentFiles, ref: BlobRef): Promise<void> {
  const place = locator.find(ref)?.ordered ?? 0;
  const segment = files.get(segmentNumberOf(place));
  const content = segment && (await readFrame(files, segment, place))?.content;
  const { digest, generation } = content?.type === 'disposal' ? content.header : {};
  if (digest !== ref.digest || generation !== ref.generation) throw differs(locator, ref, segment, place);
}

function copiesOf(locator: Locator, ref: BlobRef): readonly Copy[] {
  const blob = locator.find(ref);
  return [...(blob === undefined || blob.place === 0 ? [] : [blob]), ...locator.copiesOf(ref)];
}

async function readFrame(files: SegmentFiles, segment: Segment, place: number): ReturnType<typeof frameAt> {
  return files.use(segment, async (handle) => frameAt(handle, segment, offsetOf(place)));
}

function differs(locator: Locator, ref: BlobRef, segment: Segment | undefined, place: number): Error {
  locator.distrust();
  return isMislocated(ref, `${segment?.name ?? `segment ${segmentNumberOf(place)}`} at ${offsetOf(place)}`);
}

async function eraseCopy(files: SegmentFiles, copy: Copy): Promise<void> {
  const segment = files.get(segmentNumberOf(copy.place));
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
