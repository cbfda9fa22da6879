import { resolve } from 'node:path';
import { AppFault } from '../app-fault.ts';
import { folderOf } from '../config.ts';

/** A path that was typed, absolute. The empty one would be the current folder, which is hardly ever meant. @throws AppFault `usage` */
export function pathTyped(path: unknown, name: string): string {
  return resolve(notEmpty(path, name));
}

/** The folder that a `file:` URL or a path names. @throws AppFault `usage`, `configuration-invalid` */
export function folderTyped(url: unknown, name: string): string {
  return folderOf(notEmpty(url, name), name);
}

function notEmpty(typed: unknown, name: string): string {
  const text = String(typed);
  if (text !== '') return text;
  throw new AppFault('usage', `${name} is empty.`, {
    remedy: 'Name a path; the current folder is called "." (is a variable of your shell not set?).',
  });
}
