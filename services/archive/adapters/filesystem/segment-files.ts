import { randomBytes } from 'node:crypto';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveFault } from '../../archive-fault.ts';
import { seedOf } from './segment-format.ts';

export interface Segment {
  /** Segments are written one after another: a higher number was written later. */
  readonly number: number;
  /** 16 hex digits, also in the file's name, so that frames can be checked when the file's header is damaged. */
  readonly id: string;
  readonly name: string;
  readonly seed: number;
}

const NAME = /^(\d{8})-([0-9a-f]{16})\.seg$/u;
const NOTE = /^(\d{8}-[0-9a-f]{16})\.abandoned-(\d+)$/u;
const IDENTITY = /^storage-[0-9a-f]{16}$/u;
const OFFSETS = 2 ** 32;
/** With a higher number a place would be no exact number: a file that has one is no segment. */
const NUMBER_MAX = Math.floor(Number.MAX_SAFE_INTEGER / OFFSETS);
/** Of 256 MiB each, more segments than any disk has, and fewer than there are numbers. */
const RESERVED_MAX = 1_000_000;

/** What to do about a segment that this archive did not begin. */
export const foreignRemedy =
  'Find out where it comes from, take it out of the folder, and keep it as evidence. If `storage.id` was put back from an older copy, ' +
  'remove that file instead: it is made anew with the segments that are there.';

/** What the archive knows of its segments, on another volume than theirs: see `StorageIdentity`. */
export interface Ownership {
  /** The name of the empty file among the segments that says whose they are. */
  readonly name: string;
  /** The highest number of a segment that was begun, whether or not it is there. */
  readonly highest: number;
}

/** @throws ArchiveFault `store-unavailable` where a file of that number would not be read */
export function newSegment(number: number): Segment {
  if (number > NUMBER_MAX) throw noNumberLeft();
  const id = randomBytes(8).toString('hex');
  return { number, id, name: `${String(number).padStart(8, '0')}-${id}.seg`, seed: seedOf(id) };
}

export function segmentOf(name: string): Segment | undefined {
  const match = NAME.exec(name);
  if (match?.[1] === undefined || match[2] === undefined || Number(match[1]) > NUMBER_MAX) return undefined;
  return { number: Number(match[1]), id: match[2], name, seed: seedOf(match[2]) };
}

function noNumberLeft(): ArchiveFault {
  return new ArchiveFault('store-unavailable', `No segment can be begun after number ${NUMBER_MAX}.`, {
    remedy:
      'If `storage.id` was changed, remove it: it is made anew with the segments that are there. Otherwise restore a backup into a new folder ' +
      '(`muniment restore`), and adopt it: its numbers begin anew.',
  });
}

/** Whether a name among the segments is that of an empty file that says whose they are. */
export function isIdentity(name: string): boolean {
  return IDENTITY.test(name);
}

/** The name of the file that says that nothing of a segment from an offset on was acknowledged. */
export function markerOf(segment: Pick<Segment, 'name'>, from: number): string {
  return `${segment.name.replace(/\.seg$/u, '')}.abandoned-${from}`;
}

export function noteOf(name: string): { readonly segment: string; readonly from: number } | undefined {
  const match = NOTE.exec(name);
  return match === null ? undefined : { segment: `${match[1]}.seg`, from: Number(match[2]) };
}

/** A frame's place as one number that grows with the time of writing: segment number, then offset (below 4 GiB). */
export function placeOf(segment: Pick<Segment, 'number'>, offset: number): number {
  return segment.number * OFFSETS + offset;
}

export function segmentNumberOf(place: number): number {
  return Math.floor(place / OFFSETS);
}

export function offsetOf(place: number): number {
  return place % OFFSETS;
}

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  users: number;
}

const OPEN_FILES_MAX = 16;

/** The segments of one archive, and a bounded number of them held open for reading. */
export class SegmentFiles {
  readonly folder: string;
  readonly #ownership: Ownership;
  readonly #segments = new Map<number, Segment>();
  /** By the segment's name: where its markers stand. */
  readonly #abandonedFrom = new Map<string, ReadonlySet<number>>();
  readonly #open = new Map<number, OpenFile>();
  #reserved = 0;

  constructor(folder: string, ownership: Ownership) {
    this.folder = folder;
    this.#ownership = ownership;
  }

  /** Reads the folder anew. Ascending by number. A segment that this archive did not begin is not read. */
  async load(): Promise<readonly Segment[]> {
    for (const name of (await readdir(this.folder)).sort()) {
      const segment = segmentOf(name);
      if (segment !== undefined && this.isBegun(segment)) this.#segments.set(segment.number, segment);
      const note = noteOf(name);
      if (note !== undefined) this.#setAbandoned(note.segment, note.from);
    }
    return this.all();
  }

  /**
   * Records, durably and in a file's name alone, that nothing of a segment from an offset on was acknowledged. Nothing may be
   * written to a later segment before that: what was given up must not come back as newer than what followed it.
   */
  async abandon(segment: Segment, from: number): Promise<void> {
    const handle = await open(join(this.folder, markerOf(segment, from)), 'w');
    await handle.close();
    await syncFolder(this.folder);
    this.#setAbandoned(segment.name, from);
  }

  /**
   * The offsets from which on, by its markers, a segment's content was never acknowledged, ascending. A failed write leaves
   * one: see `markerProblem`.
   */
  abandonedFrom(segment: Segment): readonly number[] {
    return [...(this.#abandonedFrom.get(segment.name) ?? [])].sort((a, b) => a - b);
  }

  all(): readonly Segment[] {
    return [...this.#segments.values()].sort((a, b) => a.number - b.number);
  }

  add(segment: Segment): void {
    this.#segments.set(segment.number, segment);
  }

  remove(segment: Segment): void {
    this.#segments.delete(segment.number);
  }

  /**
   * Numbers up to this one, that of a segment which a locator has known, are not given again: it may be on a volume that is
   * away. Whoever writes to that file can put any number there.
   */
  reserve(number: number): void {
    if (Number.isSafeInteger(number) && number <= RESERVED_MAX) this.#reserved = Math.max(this.#reserved, number);
  }

  nextNumber(): number {
    let highest = Math.max(this.#reserved, this.#ownership.highest);
    for (const number of this.#segments.keys()) highest = Math.max(highest, number);
    return highest + 1;
  }

  pathOf(segment: Segment): string {
    return join(this.folder, segment.name);
  }

  async sizeOf(segment: Segment): Promise<number> {
    return (await stat(this.pathOf(segment))).size;
  }

  get(number: number): Segment | undefined {
    return this.#segments.get(number);
  }

  /** Whether a name is that of the empty file by which this archive knows the folder. */
  isOwnIdentity(name: string): boolean {
    return name === this.#ownership.name;
  }

  /** Whether this archive began a segment of that number. */
  isBegun({ number }: Segment): boolean {
    return number <= this.#ownership.highest;
  }

  /** False of a foreign one; of two with one number, one is read. One that was begun since the folder was read counts. */
  isRead(segment: Segment): boolean {
    if (!this.isBegun(segment)) return false;
    return (this.#segments.get(segment.number)?.id ?? segment.id) === segment.id;
  }

  /** Lends the open file for the time of `use`. */
  async use<T>(segment: Segment, use: (handle: FileHandle) => Promise<T>): Promise<T> {
    const { number } = segment;
    const file = this.#borrow(segment);
    try {
      return await use(await file.handle);
    } catch (error) {
      await this.#forgetUnopened(number, file);
      throw error;
    } finally {
      file.users -= 1;
    }
  }

  async close(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(files.map(async (file) => (await file.handle).close()));
  }

  #setAbandoned(name: string, from: number): void {
    this.#abandonedFrom.set(name, new Set(this.#abandonedFrom.get(name)).add(from));
  }

  #borrow(segment: Segment): OpenFile {
    const { number } = segment;
    const file = this.#open.get(number) ?? { handle: open(this.pathOf(segment), 'r'), users: 0 };
    file.users += 1;
    // Last in the map = used last.
    this.#open.delete(number);
    this.#open.set(number, file);
    this.#evict();
    return file;
  }

  #evict(): void {
    for (const [number, file] of this.#open) {
      if (this.#open.size <= OPEN_FILES_MAX) return;
      if (file.users > 0) continue;
      this.#open.delete(number);
      // Nobody uses it; a failing close of a file that was only read has no consequence.
      void file.handle.then(async (handle) => handle.close()).catch(() => undefined);
    }
  }

  async #forgetUnopened(number: number, file: OpenFile): Promise<void> {
    const opened = await file.handle.then(
      () => true,
      () => false,
    );
    if (!opened && this.#open.get(number) === file) this.#open.delete(number);
  }
}

/** Fills `length` bytes from a position, or fewer at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

export async function writeAt(handle: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
