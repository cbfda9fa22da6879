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

/**
 * A path below an import's root, for people and for the ledger: UTF-8 as it is, else `./` and the path with each byte that is
 * not UTF-8 as `\xFF` and each backslash as `\x5C`. Without the `./`, which such a path never begins with, a file whose name
 * spells out an escape in UTF-8 would be shown like the one that needs it; this way no two paths are shown alike.
 */
export function shown(path: BytePath): string {
  const text = shownName(path);
  return isUtf8(toSystem(path)) ? text : `./${text}`;
}

/** One level of a path, for people: as in `shown`, without the `./` that tells paths apart. */
export function shownName(name: BytePath): string {
  const bytes = toSystem(name);
  return isUtf8(bytes) ? bytes.toString('utf8') : escaped(bytes);
}

function escaped(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const character = characterAt(bytes, at);
    text += character.length === 0 || character[0] === BACKSLASH ? escape(bytes[at] ?? 0) : character.toString('utf8');
    at += Math.max(1, character.length);
  }
  return text;
}

const BACKSLASH = 0x5c;

/** The bytes of the UTF-8 character there; none where there is no such character. */
function characterAt(bytes: Buffer, at: number): Buffer {
  const lengths = [1, 2, 3, 4].filter((length) => at + length <= bytes.length);
  const length = lengths.find((one) => isUtf8(bytes.subarray(at, at + one))) ?? 0;
  return bytes.subarray(at, at + length);
}

function escape(byte: number): string {
  return `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
