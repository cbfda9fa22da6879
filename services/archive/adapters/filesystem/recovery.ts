import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { ArchiveFault } from '../../archive-fault.ts';
import { givenUpFrom } from './abandoned.ts';
import { finishErasures } from './erasure.ts';
import { runOfTheMachine } from './machine-run.ts';
import { Locator, type Copy } from './locator.ts';
import { placeOf, segmentOf, syncFolder, type Segment, type SegmentFiles } from './segment-files.ts';
import { SEGMENT_HEADER_BYTES } from './segment-format.ts';
import { FileWindow, scanFrames, type Scanned } from './segment-scanner.ts';

const TRANSACTION_FRAMES = 2_000;

/**
 * A locator that says what the segments say: the one on disk where it can be relied on, read on from where it stopped. Disposals
 * that a crash interrupted are finished.
 */
export async function openLocator(file: string, files: SegmentFiles): Promise<Locator> {
  const boot = await runOfTheMachine();
  const found = Locator.open(file, boot);
  if (found !== undefined) {
    for (const name of found.segments().keys()) files.reserve(segmentOf(name)?.number ?? 0);
    files.reserve(found.reserved());
    if (await isOfThese(found, files)) {
      const caught = await caughtUp(found, files).catch(unlessDamaged);
      if (caught !== undefined) return caught;
    } else found.close(false);
  }
  await removeLocator(file);
  const made = Locator.open(file, boot);
  if (made === undefined) throw new Error(`the locator ${file} cannot be made`);
  made.reserve(files.nextNumber() - 1);
  return caughtUp(made, files);
}

/** A locator that cannot be brought up to date is closed, so that opening can be tried again. */
async function caughtUp(locator: Locator, files: SegmentFiles): Promise<Locator> {
  try {
    await catchUpAll(locator, files);
    await finishErasures(locator, files);
    return locator;
  } catch (error) {
    locator.close(false);
    throw error;
  }
}

/** What the segments contradict is made anew from them. */
function unlessDamaged(error: unknown): undefined {
  if (error instanceof ArchiveFault && error.code === 'damaged') return;
  throw error;
}

async function removeLocator(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(file + suffix, { force: true });
}

/**
 * False where a segment that the locator has read is gone or shorter: then it knows of frames that are not there. And where one has
 * come that was written before others that it has read: frames count in the order in which they were written.
 */
async function isOfThese(locator: Locator, files: SegmentFiles): Promise<boolean> {
  const sizes = new Map<string, number>();
  for (const segment of files.all()) sizes.set(segment.name, await files.sizeOf(segment));
  const read = locator.segments();
  for (const [name, scanned] of read) if (scanned > (sizes.get(name) ?? -1)) return false;
  const last = Math.max(0, ...[...read.keys()].map((name) => segmentOf(name)?.number ?? 0));
  return files.all().every(({ name, number }) => number > last || read.has(name) || sizes.get(name) === 0);
}

async function catchUpAll(locator: Locator, files: SegmentFiles): Promise<void> {
  const scanned = locator.segments();
  let synced = false;
  for (const segment of files.all()) {
    const from = scanned.get(segment.name) ?? 0;
    if (from >= (await files.sizeOf(segment))) continue;
    // The name of a segment that a process had just begun may be in memory only, like its bytes.
    if (!synced) await syncFolder(files.folder);
    synced = true;
    await catchUp(locator, files, segment, from);
  }
}

/**
 * Reads a segment on from an offset. What a process that died had written may still be in memory only, so it is made durable
 * before the locator says that it is there. Of what was given up, and of a torn frame, only the place is kept, for disposal.
 */
export async function catchUp(locator: Locator, files: SegmentFiles, segment: Segment, from: number): Promise<void> {
  await using handle = await open(files.pathOf(segment), constants.O_RDWR);
  const { size } = await handle.stat();
  const given = await givenUpFrom(handle, segment, files.abandonedFrom(segment));
  if (from < given) await handle.datasync();
  await enterFrames(locator, segment, { window: new FileWindow(handle, size), given, from });
}

/**
 * A locator in a temporary file without a name, brought up to where `locator` has read the segments; call it again to bring
 * it further. Nothing is written to the segments, nor asked of the disk.
 */
export async function follow(fresh: Locator, locator: Locator, files: SegmentFiles): Promise<void> {
  const [read, known] = [fresh.segments(), locator.segments()];
  for (const segment of files.all()) {
    const [from, end] = [read.get(segment.name) ?? 0, known.get(segment.name) ?? 0];
    if (from >= end) continue;
    await using handle = await open(files.pathOf(segment), 'r');
    const given = await givenUpFrom(handle, segment, files.abandonedFrom(segment));
    await enterFrames(fresh, segment, { window: new FileWindow(handle, end), given, from });
  }
}

interface Frames {
  readonly window: FileWindow;
  /** From where on nothing was acknowledged. */
  readonly given: number;
  readonly from: number;
}

async function enterFrames(locator: Locator, segment: Segment, { window, given, from }: Frames): Promise<void> {
  let batch: Scanned[] = [];
  const enter = (scanned: number): void => {
    locator.transaction(() => {
      for (const item of batch) applyScanned(locator, segment, given, item);
      locator.setScanned(segment, scanned);
    });
    batch = [];
  };
  for await (const item of scanFrames(window, segment, Math.max(from, SEGMENT_HEADER_BYTES))) {
    if (batch.length >= TRANSACTION_FRAMES) enter(item.offset);
    batch.push(item);
  }
  enter(window.size);
}

function applyScanned(locator: Locator, segment: Segment, given: number, item: Scanned): void {
  if (item.kind === 'damage' || item.content === undefined) return;
  const { headerBytes, payloadBytes } = item;
  const copy: Copy = { place: placeOf(segment, item.offset), headerBytes, payloadBytes };
  if (item.kind === 'frame' && item.offset < given) locator.apply(item.content, copy);
  else if (item.content.type === 'message') locator.addCopy(item.content.header, copy);
}
