import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { digestOf, Fault, limits, messageOf, stopwatch } from '#kernel';
import { SourceFault } from '../source-fault.ts';
import type { Accounting, Found, FoundFailed, Place, SightingFailure, Source } from '../source.ts';
import { discardContent, type Received } from '../temporary-file.ts';
import { bytePath, joined, nameOfBytes, shown, type BytePath } from './byte-path.ts';
import { judgeByName, type FileFormat } from './candidates.ts';
import {
  copyLarge,
  lookAt,
  notRegular,
  openForReading,
  unreadable,
  warm,
  withFile,
  type Looked,
} from './file-reading.ts';
import type { ReadAt } from './file-window.ts';
import { fileTree, type TreeItem } from './file-tree.ts';
import { flagsOfMaildirName } from './maildir.ts';
import { mboxMessages } from './mbox-reader.ts';
import { nameOf, type NamingRoot } from './naming.ts';
import type { OwnFolders } from './own-folders.ts';
import { beginsLikeMbox, holdsSeveral, readerOf } from './several-messages.ts';

export interface FileSourceOptions {
  readonly id: string;
  /** A file or a folder. A symbolic link here is followed; below it none is. */
  readonly path: string;
  readonly format: FileFormat;
  readonly custodian?: string | undefined;
  /** Where messages too large for memory are put. */
  readonly temporaryFolder: string;
  /** What is no mail, whatever its names. */
  readonly own: OwnFolders;
}

type TreeFile = Extract<TreeItem, { kind: 'file' }>;

/** After so many files the event loop gets its turn. */
const groupFiles = 32;
/** A medium is slow, and worth reading in parallel, when a file takes longer than this on average. */
const slowFileMs = 0.5;

/** A file, or a tree of them: EML files, Maildirs, mbox files, in the order of their names' bytes. */
export class FileSource implements Source {
  readonly id: string;
  readonly #options: FileSourceOptions;

  constructor(options: FileSourceOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** @throws SourceFault `path-not-found`, `temporary-storage` */
  async *sightings(_account: Accounting, signal: AbortSignal): AsyncGenerator<Found> {
    const root = await this.#root();
    let slow = false;
    for await (const group of groupsOf(itemsOf(root, this.#options.own, signal))) {
      if (slow) await warm(group.filter((item) => item.kind === 'file').map((file) => this.#pathOf(root, file)));
      const reading = { ms: 0 };
      for (const item of group) {
        signal.throwIfAborted();
        yield* this.#found(root, item, reading, signal);
      }
      slow = reading.ms > slowFileMs * group.length;
      await setImmediate();
    }
  }

  async #root(): Promise<NamingRoot> {
    const path = resolve(this.#options.path);
    const stats = await stat(path).catch((cause: unknown) => {
      throw new SourceFault('path-not-found', `cannot import ${this.#options.path}: ${messageOf(cause)}`, {
        remedy: 'Check the path and the permissions on the way to it.',
        cause,
      });
    });
    const custodian = this.#options.custodian;
    if (!stats.isDirectory()) return { path: bytePath(path), kind: 'file', custodian };
    const isMaildir = await hasDelivery(path);
    return { path: bytePath(path), kind: isMaildir ? 'maildir' : 'folder', custodian };
  }

  async *#found(root: NamingRoot, item: TreeItem, reading: { ms: number }, signal: AbortSignal): AsyncGenerator<Found> {
    if (item.kind === 'ignored') yield { kind: 'ignored', path: shown(item.path), why: item.why };
    else if (item.kind === 'failed') yield this.#failed(root, itemFolders(item.path), item.path, item.reason);
    else {
      const elapsed = stopwatch();
      const looked = this.#look(root, item);
      reading.ms += elapsed();
      yield* this.#read(root, item, looked, signal);
    }
  }

  #look(root: NamingRoot, file: TreeFile): Looked {
    const name = { name: file.name, maildirFolder: file.maildirFolder };
    const verdict = judgeByName(name, this.#options.format);
    if (verdict !== undefined && verdict.kind !== 'taken') return verdict;
    return lookAt(this.#pathOf(root, file), name, this.#options.format, verdict);
  }

  async *#read(root: NamingRoot, file: TreeFile, looked: Looked, signal: AbortSignal): AsyncGenerator<Found> {
    const path = relativePath(root, file);
    switch (looked.kind) {
      case 'ignored':
        // Who names a file wants that file: nothing of it is passed over in silence.
        if (root.kind === 'file') yield this.#failed(root, file.folders, path, whyNotTaken(looked.why));
        else yield { kind: 'ignored', path: shown(path), why: looked.why };
        return;
      case 'failed':
        yield this.#failed(root, file.folders, path, looked.reason);
        return;
      case 'whole': {
        const { bytes } = looked;
        if (beginsLikeMbox(bytes) && (await this.#isMbox(looked.take, readerOf(bytes), signal))) {
          yield* this.#mbox(root, file, 'mboxrd', signal);
          return;
        }
        const received = { content: { bytes }, size: bytes.length, digest: digestOf(bytes) };
        yield { kind: 'message', place: placeOf(root, file, looked.take), ...received };
        return;
      }
      case 'large':
        yield* this.#large(root, file, looked.take, signal);
        return;
      case 'mbox':
        yield* this.#mbox(root, file, looked.take, signal);
    }
  }

  async *#large(root: NamingRoot, file: TreeFile, take: 'eml' | 'maildir', signal: AbortSignal): AsyncGenerator<Found> {
    const place = placeOf(root, file, take);
    const path = this.#pathOf(root, file);
    try {
      if (await withFile(path, async (readAt) => await this.#isMbox(take, readAt, signal))) {
        yield* this.#mbox(root, file, 'mboxrd', signal);
        return;
      }
      const received = await copyLarge(path, this.#options.temporaryFolder, signal);
      yield await checked(place, received);
    } catch (thrown) {
      yield failedUnlessFault(place, thrown, signal);
    }
  }

  /** Whether what has the name of a message is several. Where the user or a Maildir says that it is one, it is. */
  async #isMbox(take: 'eml' | 'maildir', readAt: ReadAt, signal: AbortSignal): Promise<boolean> {
    return take === 'eml' && this.#options.format === 'auto' && (await holdsSeveral(readAt, signal));
  }

  async *#mbox(
    root: NamingRoot,
    file: TreeFile,
    variant: 'mboxrd' | 'mboxo',
    signal: AbortSignal,
  ): AsyncGenerator<Found> {
    const place = placeOf(root, file, variant);
    const { temporaryFolder } = this.#options;
    let opened: Awaited<ReturnType<typeof openForReading>> | undefined;
    try {
      opened = await openForReading(this.#pathOf(root, file));
      for await (const message of mboxMessages(opened.readAt, { variant, temporaryFolder })) {
        const { fromLine, offset, ...received } = message;
        yield await checked({ ...place, fromLine, offset }, received);
        signal.throwIfAborted();
      }
    } catch (thrown) {
      yield failedUnlessFault(place, thrown, signal);
    } finally {
      await opened?.close();
    }
  }

  #pathOf(root: NamingRoot, file: TreeFile): BytePath {
    return root.kind === 'file' ? root.path : joined(root.path, joined(nameOfBytes(file.folders.join('/')), file.name));
  }

  #failed(root: NamingRoot, folders: readonly BytePath[], path: BytePath, reason: string): FoundFailed {
    const naming = nameOf(root, { folders, name: path, format: 'eml' });
    const format = this.#options.format === 'auto' ? 'eml' : this.#options.format;
    return failed({ ...naming, format, path: shown(path) }, 'unreadable', reason);
  }
}

function whyNotTaken(why: string): string {
  return why === notRegular ? why : `${why}; --format eml takes every file`;
}

async function* itemsOf(root: NamingRoot, own: OwnFolders, signal: AbortSignal): AsyncGenerator<TreeItem> {
  if (root.kind !== 'file') {
    yield* fileTree({ root: root.path, own, signal });
    return;
  }
  const text = Buffer.from(root.path, 'latin1').toString('utf8');
  const folder = basename(dirname(text));
  const maildirFolder = folder === 'cur' || folder === 'new' ? folder : undefined;
  yield { kind: 'file', folders: [], name: bytePath(basename(text)), maildirFolder };
}

async function* groupsOf(items: AsyncIterable<TreeItem>): AsyncGenerator<TreeItem[]> {
  let group: TreeItem[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < groupFiles) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Whether the folder is itself a Maildir: then it is one custodian's. */
async function hasDelivery(path: string): Promise<boolean> {
  const folders = await Promise.all(
    ['cur', 'new'].map(async (name) => (await stat(resolve(path, name)).catch(() => undefined))?.isDirectory()),
  );
  return folders.includes(true);
}

function relativePath(root: NamingRoot, file: TreeFile): BytePath {
  return root.kind === 'file' ? file.name : joined(nameOfBytes(file.folders.join('/')), file.name);
}

function itemFolders(path: BytePath): BytePath[] {
  return path === '.' ? [] : path.split('/').map((level) => nameOfBytes(level));
}

function placeOf(root: NamingRoot, file: TreeFile, format: 'eml' | 'maildir' | 'mboxrd' | 'mboxo'): Place {
  const naming = nameOf(root, { folders: file.folders, name: file.name, format });
  const flags = format === 'maildir' ? flagsOfMaildirName(file.name) : undefined;
  return { ...naming, format, path: shown(relativePath(root, file)), ...(flags === undefined ? {} : { flags }) };
}

function failed(place: Place, code: SightingFailure, reason: string): FoundFailed {
  return { kind: 'failed', place, code, reason, attempts: 1 };
}

async function checked(place: Place, received: Received): Promise<Found> {
  if (received.size <= limits.messageBytesMax) return { kind: 'message', place, ...received };
  await discardContent(received.content);
  return failed(place, 'too-large', `has ${received.size} bytes; at most ${limits.messageBytesMax} are accepted`);
}

/** Our own trouble and a stop end the run; what the file did is told of the file. */
function failedUnlessFault(place: Place, thrown: unknown, signal: AbortSignal): FoundFailed {
  signal.throwIfAborted();
  if (thrown instanceof Fault) throw thrown;
  return failed(place, 'unreadable', unreadable(thrown));
}
