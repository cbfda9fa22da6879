import { readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { messageOf } from '#kernel';
import { joined, nameOfBytes, toSystem, type BytePath } from './byte-path.ts';
import type { FileName } from './candidates.ts';
import type { OwnFolders } from './own-folders.ts';

/** One thing in the tree, in an order that depends on nothing but the names' bytes: depth first, folders among files. */
export type TreeItem =
  | {
      readonly kind: 'file';
      readonly folders: readonly BytePath[];
      readonly name: BytePath;
      readonly maildirFolder: FileName['maildirFolder'];
    }
  | { readonly kind: 'ignored'; readonly path: BytePath; readonly why: string }
  | { readonly kind: 'failed'; readonly path: BytePath; readonly reason: string };

export interface Walk {
  readonly root: BytePath;
  readonly own: OwnFolders;
  readonly signal: AbortSignal;
}

/**
 * Names of one folder are held in memory, of all folders on the way down. Links are named, never followed, and so are the
 * program's own folders; another archive is failed, for who puts its marker beside mail must not hide that mail.
 */
export async function* fileTree(
  walk: Walk,
  folders: readonly BytePath[] = [],
  maildirFolder?: FileName['maildirFolder'],
): AsyncGenerator<TreeItem> {
  const { root, own, signal } = walk;
  signal.throwIfAborted();
  const below = nameOfBytes(folders.join('/'));
  const path = below === '' ? nameOfBytes('.') : below;
  if (own.has(joined(root, below))) {
    yield { kind: 'ignored', path, why: 'of this archive itself' };
    return;
  }
  let entries: Dirent[];
  try {
    entries = await readdir(toSystem(joined(root, below)), { withFileTypes: true, encoding: 'latin1' });
  } catch (thrown) {
    yield { kind: 'failed', path, reason: `cannot read the folder: ${messageOf(thrown)}` };
    return;
  }
  if (own.isMarked(entries.map((entry) => entry.name))) {
    yield {
      kind: 'failed',
      path,
      reason: 'an archive or a backup of Muniment: import its export (muniment export --all)',
    };
    return;
  }
  const isMaildir = entries.some((entry) => entry.isDirectory() && (entry.name === 'cur' || entry.name === 'new'));
  for (const entry of entries.sort(byName)) {
    const name = nameOfBytes(entry.name);
    if (entry.isFile()) yield { kind: 'file', folders, name, maildirFolder };
    else if (entry.isDirectory())
      yield* fileTree(walk, [...folders, name], isMaildir ? maildirFolderOf(name) : undefined);
    else yield { kind: 'ignored', path: joined(below, name), why: whyNot(entry) };
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function maildirFolderOf(name: string): FileName['maildirFolder'] {
  return name === 'cur' || name === 'new' || name === 'tmp' ? name : undefined;
}

function whyNot(entry: Dirent): string {
  return entry.isSymbolicLink() ? 'a symbolic link: not followed' : 'not a regular file';
}
