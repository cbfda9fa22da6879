import type { FileHandle } from 'node:fs/promises';
import type { Segment } from './segment-files.ts';
import { SEGMENT_HEADER_BYTES } from './segment-format.ts';
import { FileWindow, scanFrames, type Scanned } from './segment-scanner.ts';

/**
 * Why a marker cannot be one that a failed write left, or undefined. That write was the last to its segment, and was of one
 * group: before it ends another, and behind it stand some of its frames, the last of them perhaps torn, or all of them with
 * their commit marker, and then the segment ends. What was acknowledged has more groups.
 */
export async function markerProblem(handle: FileHandle, segment: Segment, from: number): Promise<string | undefined> {
  const { size } = await handle.stat();
  if (from >= size) return undefined;
  if (!(await isBetweenGroups(new FileWindow(handle, from), segment, from))) return 'it stands within a group';
  if (!(await isOneGroup(new FileWindow(handle, size), segment, from))) return 'it gives up more than one group';
  return undefined;
}

/** From where on a segment was given up: by the first of its markers that a failed write can have left, or infinity. */
export async function givenUpFrom(handle: FileHandle, segment: Segment, markers: readonly number[]): Promise<number> {
  for (const from of markers) {
    if ((await markerProblem(handle, segment, from)) === undefined) return from;
  }
  return Number.POSITIVE_INFINITY;
}

async function isBetweenGroups(before: FileWindow, segment: Segment, from: number): Promise<boolean> {
  if (from < SEGMENT_HEADER_BYTES) return false;
  let last: Scanned | undefined;
  for await (const item of scanFrames(before, segment, SEGMENT_HEADER_BYTES)) last = item;
  if (last === undefined || last.kind === 'damage') return true;
  return last.kind === 'frame' && last.content.type === 'commit';
}

/** Damage tells nothing: a failed sync may leave anything. What stands around it does. */
async function isOneGroup(window: FileWindow, segment: Segment, from: number): Promise<boolean> {
  let [frames, isCommitted] = [0, false];
  for await (const item of scanFrames(window, segment, from)) {
    if (isCommitted) return false;
    if (item.kind !== 'frame') continue;
    if (item.content.type !== 'commit') {
      frames += 1;
      continue;
    }
    if (item.content.header.frames < frames) return false;
    isCommitted = true;
  }
  return true;
}
