import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppFault } from './app-fault.ts';

const marker = 'muniment.json';
const markerText = `${JSON.stringify({ muniment: 'archive', format: 1 })}\n`;

/** What lies where below an archive's folder. `record` and `ledger` are the whole state; `derived` may vanish. */
export interface ArchiveFolder {
  readonly root: string;
  readonly record: string;
  readonly ledger: string;
  readonly catalogFile: string;
  readonly indexFile: string;
  readonly locatorFile: string;
  readonly derived: string;
  readonly run: string;
  readonly spool: string;
  /** Exports asked for over HTTP, until they are fetched or the process ends. */
  readonly exports: string;
  readonly lockFile: string;
  /** Present while a restored archive has not been adopted. */
  readonly restoredFile: string;
}

export function archiveFolder(root: string): ArchiveFolder {
  const derived = join(root, 'derived');
  const run = join(root, 'run');
  return {
    root,
    record: join(root, 'archive'),
    ledger: join(root, 'ledger'),
    derived,
    catalogFile: join(derived, 'catalog.sqlite'),
    indexFile: join(derived, 'index.sqlite'),
    locatorFile: join(derived, 'locator.sqlite'),
    run,
    spool: join(run, 'spool'),
    exports: join(run, 'exports'),
    lockFile: join(run, 'lock.sqlite'),
    restoredFile: join(root, 'restored.json'),
  };
}

/** Whether there is an archive. @throws AppFault `not-an-archive` for a folder that holds something else */
export function isArchive(folder: ArchiveFolder): boolean {
  if (existsSync(join(folder.root, marker))) return checkMarker(folder);
  const present = existsSync(folder.root) ? readdirSync(folder.root).filter((name) => !name.startsWith('.')) : [];
  if (present.length === 0) return false;
  throw new AppFault('not-an-archive', `${folder.root} holds other things and no archive.`, {
    remedy: 'Name an empty or new folder, or the folder of an archive, with --archive or ARCHIVE_URL.',
  });
}

/** Makes the folders that are missing; the marker comes first, so that an interrupted beginning is continued. */
export function prepareFolder(folder: ArchiveFolder): void {
  mkdirSync(folder.root, { recursive: true, mode: 0o700 });
  if (!existsSync(join(folder.root, marker))) writeMarker(folder);
  for (const path of [folder.record, folder.ledger, folder.derived, folder.run, folder.spool]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

/** Whole or not at all: a marker cut short by a crash would be taken for a format that is not known. */
function writeMarker(folder: ArchiveFolder): void {
  const temporary = join(folder.root, `.${marker}.${process.pid}`);
  writeFileSync(temporary, markerText, { mode: 0o600, flush: true });
  renameSync(temporary, join(folder.root, marker));
}

function checkMarker(folder: ArchiveFolder): boolean {
  const text = readFileSync(join(folder.root, marker), 'utf8');
  if (text === markerText) return true;
  throw new AppFault('not-an-archive', `${folder.root} is an archive of a format that this version does not know.`, {
    remedy: 'Use the version of Muniment that made it, or a later one.',
  });
}
