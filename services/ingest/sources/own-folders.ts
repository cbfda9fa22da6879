import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { SourceFault } from '../source-fault.ts';
import { bytePath, type BytePath } from './byte-path.ts';

/** Where the program itself keeps things: messages, keys and text that was disposed of are not mail that came in. */
export interface OwnPlaces {
  /** Folders of this archive, its secrets and its backup, links resolved, whether or not they are there yet. */
  readonly folders: readonly string[];
  /** The file that is in every archive and every backup. */
  readonly marker: string;
}

/** The program's own folders, by where they really are: the tree of an import is walked without links. */
export class OwnFolders {
  readonly #folders: readonly string[];
  readonly #walked: ReadonlySet<BytePath>;
  readonly #marker: string;

  constructor({ folders, marker }: OwnPlaces) {
    this.#folders = folders;
    this.#walked = new Set(folders.map(bytePath));
    this.#marker = marker;
  }

  /** Whether this folder is one of this archive's. */
  has(folder: BytePath): boolean {
    return this.#walked.has(folder);
  }

  /** Whether a folder with these names in it is an archive or a backup, of whatever archive. */
  isMarked(names: readonly string[]): boolean {
    return names.includes(this.#marker);
  }

  /** @throws SourceFault `path-not-mail` for a path in a folder of this archive, or in any archive or backup */
  refuse(path: string): void {
    const own = this.#folders.some((folder) => path === folder || path.startsWith(folder + sep));
    if (!own && !isBelowMarker(path, this.#marker)) return;
    throw new SourceFault(
      'path-not-mail',
      `${path} lies in ${own ? 'this archive' : 'an archive or a backup'}: it is not mail.`,
      {
        remedy:
          'Name the folder of the mail. What another archive has is taken from its export: muniment export --all.',
      },
    );
  }
}

function isBelowMarker(path: string, marker: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(join(folder, marker))) return true;
    if (dirname(folder) === folder) return false;
  }
}
