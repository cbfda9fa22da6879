import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemCodeOf } from '#kernel';
import { AppFault } from '../app-fault.ts';
import { folderOf } from '../store-urls.ts';

/** A path that was typed, absolute. The empty one would be the current folder, which is hardly ever meant. @throws AppFault `usage` */
export function pathTyped(path: unknown, name: string): string {
  return resolve(notEmpty(path, name));
}

/** The folder that a `file:` URL or a path names. @throws AppFault `usage`, `configuration-invalid` */
export function folderTyped(url: unknown, name: string): string {
  return folderOf(notEmpty(url, name), name);
}

/** The text of a file that was typed. @param what it is to hold. @throws AppFault `usage` */
export function fileTyped(path: unknown, name: string, what: string): string {
  const file = pathTyped(path, name);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = systemCodeOf(cause);
    const problem = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'unknown'})`;
    throw new AppFault('usage', `${name} ${String(path)}: ${problem}.`, {
      remedy: `Check the path, and that it is a file with ${what}.`,
      cause,
    });
  }
}

function notEmpty(typed: unknown, name: string): string {
  const text = String(typed);
  if (text !== '') return text;
  throw new AppFault('usage', `${name} is empty.`, {
    remedy: 'Name a path; the current folder is called "." (is a variable of your shell not set?).',
  });
}
