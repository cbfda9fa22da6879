import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stopwatch } from '#kernel';

/** The files below a folder, as they are before anything is measured. */
export interface Corpus {
  readonly folder: string;
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Lists a folder, or names one file. */
export function corpusIn(folder: string): Corpus {
  const files: string[] = [];
  let bytes = 0;
  for (const file of below(folder)) {
    files.push(file);
    bytes += lstatSync(file).size;
  }
  return { folder, files, bytes };
}

/** All bytes below a folder. */
export function sizeOf(folder: string): number {
  return corpusIn(folder).bytes;
}

/** Reads every file once, so that whoever comes first does not pay for the medium. */
export function warm(corpus: Corpus): void {
  for (const file of corpus.files) readFileSync(file);
}

/** What it costs to read the files with everything in memory already: microseconds of processor time for a megabyte. */
export function readingCost(corpus: Corpus, filesMax: number): { readonly cpuUs: number; readonly bytes: number } {
  const every = Math.max(1, Math.floor(corpus.files.length / filesMax));
  const before = process.cpuUsage();
  let bytes = 0;
  for (let at = 0; at < corpus.files.length; at += every) bytes += readFileSync(corpus.files[at] ?? '').length;
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, bytes };
}

/**
 * Copies the files into `cur/` of a new Maildir for programs that read nothing else. Undefined, with why, where a file
 * holds more than one message.
 */
export async function asMaildir(corpus: Corpus, folder: string): Promise<{ readonly problem: string | undefined }> {
  for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  const elapsed = stopwatch();
  for (const [index, file] of corpus.files.entries()) {
    if (isMbox(file)) return { problem: 'the folder has mbox files' };
    await copyFile(file, join(folder, 'cur', `${1_000_000_000 + index}.${Math.round(elapsed())}.bench:2,S`));
  }
  return { problem: undefined };
}

function isMbox(file: string): boolean {
  return readFileSync(file).toString('latin1', 0, 5) === 'From ';
}

function* below(path: string): Generator<string> {
  const stats = lstatSync(path);
  if (stats.isFile()) yield path;
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path).toSorted()) yield* below(join(path, name));
}
