import { isUtf8 } from 'node:buffer';

/**
 * A file's path as its bytes, one character a byte (latin1). File names need not be UTF-8: this way each can be opened, and
 * the order by code unit is the order of bytes.
 */
export type BytePath = string & { readonly __brand: 'BytePath' };

export function bytePath(text: string): BytePath {
  return Buffer.from(text, 'utf8').toString('latin1') as BytePath;
}

/** What `readdir` gave with encoding latin1. */
export function nameOfBytes(latin1: string): BytePath {
  return latin1 as BytePath;
}

export function joined(folder: BytePath, name: BytePath): BytePath {
  return (folder === '' ? name : folder.endsWith('/') ? folder + name : `${folder}/${name}`) as BytePath;
}

/** For the system's calls. */
export function toSystem(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** For people and for the ledger: UTF-8 where it is that, else each byte as the latin1 character of that number. */
export function shown(path: BytePath): string {
  const bytes = toSystem(path);
  return isUtf8(bytes) ? bytes.toString('utf8') : path;
}
