import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Corpus } from './corpus.ts';

/** One in so many of the longer words of a body is another word in each copy: the vocabulary grows with the mail, more slowly. */
const changedEach = 8;
const headerEnd = /\r?\n\r?\n/u;

/** Writes so many copies of the files, each with other words: what a corpus of that size may look like. Gives their folders. */
export async function changedCopies(corpus: Corpus, copies: number, scratch: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for (let copy = 1; copy <= copies; copy++) {
    const folder = join(scratch, `copy-${copy}`);
    for (const file of corpus.files) {
      const path = join(folder, relative(corpus.folder, file));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, changed(await readFile(file, 'latin1'), copy), 'latin1');
    }
    folders.push(folder);
  }
  return folders;
}

function changed(message: string, copy: number): string {
  const body = headerEnd.exec(message)?.index ?? message.length;
  let word = 0;
  const text = message
    .slice(body)
    .replace(/[a-z]{5,}/gu, (found) =>
      word++ % changedEach === copy % changedEach ? `${found}q${'abcdefgh'[copy]}` : found,
    );
  return `${message.slice(0, body)}${text}\ncopy ${copy}\n`;
}
