import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BlobDamage } from '../../blob-store.ts';
import { foreignRemedy, noteOf, segmentOf, type Segment, type SegmentFiles } from './segment-files.ts';

/** The system's own, at the top of a volume. */
const SYSTEM_FOLDER = 'lost+found';

const NOT_OURS = 'a file that the archive did not write';
const NOT_REGULAR = 'it is no regular file: what it leads to may be changed elsewhere';
const NOT_EMPTY = 'the archive writes it empty, and there are bytes in it';

/** What the archive did not write among its segments or above them, and what it wrote otherwise, as far as names and sizes tell. */
export async function* strayFiles(files: SegmentFiles): AsyncGenerator<BlobDamage> {
  const [root, ours] = [dirname(files.folder), basename(files.folder)];
  for (const name of (await readdir(root)).sort()) {
    if (name !== ours && name !== SYSTEM_FOLDER) yield strayFile(`${basename(root)}/${name}`, NOT_OURS);
  }
  const entries = (await readdir(files.folder, { withFileTypes: true })).filter(({ name }) => name !== SYSTEM_FOLDER);
  const read = new Set(entries.map(({ name }) => name).filter((name) => isRead(files, name)));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const segment = segmentOf(entry.name);
    const isOurs = files.isOwnIdentity(entry.name) || read.has(noteOf(entry.name)?.segment ?? '');
    if (segment !== undefined) yield* segmentStray(files, segment, entry);
    else if (!isOurs) yield strayFile(entry.name, NOT_OURS);
    else yield* markerStray(files, entry);
  }
}

function isRead(files: SegmentFiles, name: string): boolean {
  const segment = segmentOf(name);
  return segment !== undefined && files.isRead(segment);
}

function* segmentStray(files: SegmentFiles, segment: Segment, entry: Dirent): Generator<BlobDamage> {
  const place = segment.name;
  if (!files.isBegun(segment)) {
    const problem =
      'a segment that this archive did not begin: it is not read, and nothing is stored while it is there';
    yield { place, problem, remedy: foreignRemedy };
  } else if (!files.isRead(segment)) yield { place, problem: 'another segment has its number: it is not read' };
  else if (!entry.isFile()) yield { place, problem: NOT_REGULAR };
}

/** Of the files that say all by their names. */
async function* markerStray(files: SegmentFiles, entry: Dirent): AsyncGenerator<BlobDamage> {
  if (!entry.isFile()) yield strayFile(entry.name, NOT_REGULAR);
  else if ((await stat(join(files.folder, entry.name))).size > 0) {
    const remedy = 'Find out who wrote to it. Empty it again; keep a copy as evidence.';
    yield { place: entry.name, problem: NOT_EMPTY, remedy };
  }
}

function strayFile(place: string, problem: string): BlobDamage {
  return {
    place,
    problem,
    remedy: 'Find out where it comes from, take it out of the folder, and keep it as evidence.',
  };
}
