import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppFault } from './app-fault.ts';
import type { Config } from './config.ts';

/** In every archive, every backup, and every folder that a process works in. */
export const marker = 'muniment.json';
const archiveMarker = `${JSON.stringify({ muniment: 'archive', format: 1 })}\n`;

/**
 * What lies where below an archive's folder. `record` and `ledger` are the whole state; `derived` may vanish. For an archive
 * in a bucket: the folder of one process that works on it, in which everything may vanish.
 */
export interface ArchiveFolder {
  readonly root: string;
  /** What its marker says: an archive, or of which archive elsewhere it is the state. */
  readonly marker: string;
  readonly record: string;
  readonly ledger: string;
  readonly catalogFile: string;
  readonly indexFile: string;
  readonly locatorFile: string;
  /** Which volume of messages is the archive's. */
  readonly identityFile: string;
  readonly derived: string;
  readonly run: string;
  readonly spool: string;
  /** Exports asked for over HTTP, until they are fetched or the process ends. */
  readonly exports: string;
  readonly lockFile: string;
  /** Present while a restored archive has not been adopted. */
  readonly restoredFile: string;
}

/** All that is an archive's: each by itself, for it may be a link to another disk. */
export function foldersOf({ root, record, ledger, derived, run }: ArchiveFolder): readonly string[] {
  return [root, record, ledger, derived, run];
}

/** The folder of an archive, or of a backup. */
export function archiveFolder(root: string): ArchiveFolder {
  return folderAt(root, archiveMarker);
}

/** The folder that a process with this configuration works in. */
export function workingFolder({ archive, stateFolder }: Pick<Config, 'archive' | 'stateFolder'>): ArchiveFolder {
  if (archive.kind === 'folder') return archiveFolder(archive.folder);
  const { bucket, prefix, endpoint } = archive;
  const of = { bucket, prefix, ...(endpoint !== undefined && { endpoint }) };
  return folderAt(stateFolder, `${JSON.stringify({ muniment: 'state', format: 1, of })}\n`);
}

/** Whether the record and the ledger lie in this folder. */
export function holdsRecord(folder: ArchiveFolder): boolean {
  return folder.marker === archiveMarker;
}

function folderAt(root: string, markerText: string): ArchiveFolder {
  const derived = join(root, 'derived');
  const run = join(root, 'run');
  return {
    root,
    marker: markerText,
    record: join(root, 'archive'),
    ledger: join(root, 'ledger'),
    derived,
    catalogFile: join(derived, 'catalog.sqlite'),
    indexFile: join(derived, 'index.sqlite'),
    locatorFile: join(derived, 'locator.sqlite'),
    identityFile: join(root, 'storage.id'),
    run,
    spool: join(run, 'spool'),
    exports: join(run, 'exports'),
    lockFile: join(run, 'lock.sqlite'),
    restoredFile: join(root, 'restored.json'),
  };
}

/** Whether there is an archive, or may be one in the bucket that the folder works for. @throws AppFault `not-an-archive` for a folder that holds something else */
export function isArchive(folder: ArchiveFolder): boolean {
  if (existsSync(join(folder.root, marker))) return checkMarker(folder);
  const present = existsSync(folder.root) ? readdirSync(folder.root).filter((name) => !name.startsWith('.')) : [];
  if (present.length === 0) return !holdsRecord(folder);
  throw new AppFault('not-an-archive', `${folder.root} holds other things and no archive.`, {
    remedy: 'Name an empty or new folder, or the folder of an archive, with --archive or ARCHIVE_URL.',
  });
}

/** Makes the folders that are missing; the marker comes first, so that an interrupted beginning is continued. */
export function prepareFolder(folder: ArchiveFolder): void {
  makeFolder(folder.root);
  if (!existsSync(join(folder.root, marker))) writeMarker(folder);
  const stores = holdsRecord(folder) ? [folder.record, folder.ledger] : [];
  for (const path of [...stores, folder.derived, folder.run, folder.spool]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

/** With the folders above it. Node's own `recursive` never ends where the parent is there and takes no folder (Linux's /proc). */
function makeFolder(path: string): void {
  if (isFolder(path)) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // Another process may have made it just now.
    if (!isFolder(path)) throw thrown;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Whole or not at all: a marker cut short by a crash would be taken for a format that is not known. */
function writeMarker(folder: ArchiveFolder): void {
  const temporary = join(folder.root, `.${marker}.${process.pid}`);
  writeFileSync(temporary, folder.marker, { mode: 0o600, flush: true });
  renameSync(temporary, join(folder.root, marker));
}

function checkMarker(folder: ArchiveFolder): boolean {
  const text = readFileSync(join(folder.root, marker), 'utf8');
  if (text === folder.marker) return true;
  if (!holdsRecord(folder)) {
    throw new AppFault('not-an-archive', `${folder.root} does not belong to this archive: ${text.trim()}`, {
      remedy: 'Name another folder with STATE_DIR: each archive, and each process, has one of its own.',
    });
  }
  throw new AppFault('not-an-archive', `${folder.root} is an archive of a format that this version does not know.`, {
    remedy: 'Use the version of Muniment that made it, or a later one.',
  });
}
