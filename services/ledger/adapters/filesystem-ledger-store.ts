import type { Dirent } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asSequence, newId, type Sequence, systemCodeOf } from '#kernel';
import { LedgerFault } from '../ledger-fault.ts';
import type { LedgerStore, SidecarBasis } from '../ledger-store.ts';
import { createFile, replaceFile, syncFolder, temporaryPrefix, unlinkIfThere } from './durable-file.ts';

const batchName = /^[0-9a-f]{16}$/u;
const sidecarFolder = 'sidecar';
const sidecarNamePattern = /^[0-9a-f]{16}-[0-9a-f]{32}$/u;
/** Begins the second name of a sidecar whose old bytes are being overwritten. */
const erasingPrefix = '.erasing-';

/**
 * One file per batch: a temporary file, fdatasync, `link()` to its name (which fails where there is one), directory fsync.
 * Sidecars lie in a folder of their own. Several processes may use one folder.
 */
export class FilesystemLedgerStore implements LedgerStore {
  readonly #folder: string;
  readonly #sidecars: string;
  /** Set when a directory could not be synced: what its names are after a power cut is then unknown until a restart. */
  #failure: unknown;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#sidecars = join(folder, sidecarFolder);
  }

  /** Makes the folder where it is missing, and clears away what a crash left. @throws LedgerFault `store-unavailable` */
  static async open(folder: string): Promise<FilesystemLedgerStore> {
    const store = new FilesystemLedgerStore(folder);
    await store.#guard('opened', async () => {
      await mkdir(store.#sidecars, { recursive: true });
      await clearTemporaries(folder);
      await finishErasures(store.#sidecars);
      await clearTemporaries(store.#sidecars);
      // A process that died between link() and fsync left a name that may not survive a power cut; we build on it.
      await syncFolder(store.#sidecars);
      await syncFolder(folder);
    });
    return store;
  }

  create(first: Sequence, bytes: Buffer): Promise<'created' | 'exists'> {
    return this.#guard('written', async () => {
      const created = await this.#put(this.#folder, hex16(first), bytes);
      return created ? 'created' : 'exists';
    });
  }

  read(first: Sequence): Promise<Buffer | undefined> {
    return this.#guard('read', () => readIfThere(join(this.#folder, hex16(first))));
  }

  async *list(from: Sequence): AsyncIterable<Sequence> {
    const names = await this.#guard('listed', () => readdir(this.#folder));
    const firsts = names.filter((name) => isBatchName(name)).map((name) => Number.parseInt(name, 16));
    yield* firsts
      .filter((first) => first >= from)
      .sort((a, b) => a - b)
      .map((first) => asSequence(first));
  }

  async newest(): Promise<Sequence | undefined> {
    let newest: Sequence | undefined;
    for await (const first of this.list(asSequence(0))) newest = first;
    return newest;
  }

  putSidecar(name: string, bytes: Buffer): Promise<void> {
    return this.#guard('written', async () => {
      await this.#put(this.#sidecars, name, bytes);
    });
  }

  readSidecar(name: string): Promise<Buffer | undefined> {
    return this.#guard('read', () => readIfThere(join(this.#sidecars, name)));
  }

  async *listSidecars(): AsyncIterable<string> {
    const names = await this.#guard('listed', () => readdir(this.#sidecars));
    yield* names.filter((name) => sidecarNamePattern.test(name)).sort();
  }

  /**
   * The new file takes the name in one step; only then is the old one overwritten, under a second name, so that a crash
   * leaves either all lines or those that remain, and never forgets that there is something to overwrite.
   */
  eraseFromSidecar(name: string, remaining: Buffer, basis?: SidecarBasis): Promise<'erased' | 'changed'> {
    return this.#guard('erased', async () => {
      const path = join(this.#sidecars, name);
      // One process has a folder, and its ledger erases one after the other: nothing comes between.
      if (basis !== undefined && (await this.readSidecar(name))?.equals(basis.bytes) === false) return 'changed';
      // Held open: a process that opens the folder meanwhile may take the second name for one that a crash left.
      await using old = await openIfThere(path);
      if (old === undefined) return 'erased';
      const erasing = join(this.#sidecars, `${erasingPrefix}${newId()}`);
      await link(path, erasing);
      await this.#orFail(() => replaceFile(this.#sidecars, name, remaining));
      await overwrite(old);
      await unlinkIfThere(erasing);
      await this.#orFail(() => syncFolder(this.#sidecars));
      return 'erased';
    });
  }

  async *listStrays(): AsyncIterable<string> {
    const names = await this.#guard('listed', () => readdir(this.#folder, { withFileTypes: true }));
    const sidecars = await this.#guard('listed', () => readdir(this.#sidecars, { withFileTypes: true }));
    yield* strangersAmong(
      names.filter(({ name }) => name !== sidecarFolder),
      isBatchName,
    );
    for (const stray of strangersAmong(sidecars, (name) => sidecarNamePattern.test(name)))
      yield `${sidecarFolder}/${stray}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** True when the name was free. Durable either way: who lost builds on what is there. */
  async #put(folder: string, name: string, bytes: Buffer): Promise<boolean> {
    const created = await createFile(folder, name, bytes);
    await this.#orFail(() => syncFolder(folder));
    return created;
  }

  async #orFail(sync: () => Promise<void>): Promise<void> {
    try {
      await sync();
    } catch (thrown) {
      this.#failure ??= thrown;
      throw thrown;
    }
  }

  async #guard<Result>(what: string, action: () => Promise<Result>): Promise<Result> {
    if (this.#failure !== undefined && what !== 'read' && what !== 'listed') throw unavailable(what, this.#failure);
    try {
      return await action();
    } catch (thrown) {
      throw systemCodeOf(thrown) === undefined ? thrown : unavailable(what, thrown);
    }
  }
}

function unavailable(what: string, cause: unknown): LedgerFault {
  const code = systemCodeOf(cause) ?? 'unknown';
  return new LedgerFault('store-unavailable', `the ledger's folder could not be ${what} (${code})`, {
    remedy:
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'Make room on the disk, then repeat.'
        : 'Check the disk and its permissions, then start again.',
    facts: { code },
    cause,
  });
}

function hex16(first: number): string {
  return first.toString(16).padStart(16, '0');
}

function isBatchName(name: string): boolean {
  return batchName.test(name) && Number.isSafeInteger(Number.parseInt(name, 16));
}

/** Also what has the name of ours and is no file: what a link leads to lies elsewhere, and others may change it there. */
function* strangersAmong(entries: readonly Dirent[], isOurs: (name: string) => boolean): Generator<string> {
  for (const entry of entries) {
    if (isTemporary(entry.name)) continue;
    if (!isOurs(entry.name)) yield entry.name;
    else if (!entry.isFile()) yield `${entry.name} (no regular file)`;
  }
}

function isTemporary(name: string): boolean {
  return name.startsWith(temporaryPrefix) || name.startsWith(erasingPrefix);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r+');
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

async function clearTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(temporaryPrefix)) await unlinkIfThere(join(folder, name));
  }
}

/**
 * An erasure that a crash interrupted: before the new file took the name (the sidecar is still that file: nothing was done
 * yet), or after. How many names the file has says nothing: a copy of the folder may be made of hard links.
 */
async function finishErasures(folder: string): Promise<void> {
  const names = await readdir(folder);
  const begun = names.filter((name) => name.startsWith(erasingPrefix));
  if (begun.length === 0) return;
  const present = await filesOf(folder, names);
  for (const name of begun) {
    const path = join(folder, name);
    await using file = await openIfThere(path);
    // Whoever erases it, a process that lives, has just finished.
    if (file === undefined) continue;
    if (!present.has((await file.stat({ bigint: true })).ino)) await overwrite(file);
    await unlinkIfThere(path);
  }
}

/** The files that have the names of sidecars now. */
async function filesOf(folder: string, names: readonly string[]): Promise<ReadonlySet<bigint>> {
  const files = new Set<bigint>();
  for (const name of names) {
    if (sidecarNamePattern.test(name)) files.add((await stat(join(folder, name), { bigint: true })).ino);
  }
  return files;
}

async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const zeros = Buffer.alloc(size);
  // One write may write less than it was given.
  for (let at = 0; at < size;) at += (await file.write(zeros, at, size - at, at)).bytesWritten;
  await file.datasync();
}
