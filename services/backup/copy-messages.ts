import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArchiveFault, type BlobPut, type BlobRef, type BlobSource, type BlobStat, type BlobStore } from '#archive';
import { limits } from '#kernel';
import { BackupFault } from './backup-fault.ts';

/** What fits into memory; a message that is too large for it is a group of its own. */
export const copiedTogether = { count: 256, bytes: 16 * 1024 * 1024 };

export interface MessageToCopy extends BlobRef {
  readonly size: number;
}

/** What became of some messages. All that are neither gone nor damaged were read back from the target. */
export interface MessageCopy {
  readonly copied: number;
  readonly bytes: number;
  /** Those that the source does not have. */
  readonly gone: readonly BlobRef[];
  /** Those that the source cannot give whole. */
  readonly damaged: readonly BlobRef[];
}

/**
 * Brings a group of messages to the target, with their locks, and reads every one back, also those that were there already.
 * @throws BackupFault `target-damaged`; ArchiveFault `store-unavailable`
 */
export async function copyMessages(
  chunk: readonly MessageToCopy[],
  from: BlobStore,
  to: BlobStore,
  scratch?: string,
): Promise<MessageCopy> {
  const absent = await absentFrom(to, chunk);
  await using folder = new ScratchFolder(scratch);
  const loaded = await Promise.all(absent.map((message) => load(message, from, folder)));
  const puts = loaded.filter((one): one is BlobPut => typeof one === 'object');
  await to.putAll(puts);
  const gone = absent.filter((_, index) => loaded[index] === 'gone');
  const damaged = absent.filter((_, index) => loaded[index] === 'damaged');
  const left = new Set<BlobRef>([...gone, ...damaged]);
  for (const message of chunk) if (!left.has(message)) await readBack(message, to);
  return { copied: puts.length, bytes: puts.reduce((sum, put) => sum + put.size, 0), gone, damaged };
}

/** Those that the target does not have. @throws BackupFault `target-damaged` */
export async function absentFrom(to: BlobStore, chunk: readonly MessageToCopy[]): Promise<MessageToCopy[]> {
  const stats = await Promise.all(chunk.map((message) => targetStat(message, to)));
  return chunk.filter((_, index) => stats[index] === undefined);
}

async function targetStat(ref: BlobRef, to: BlobStore): Promise<BlobStat | undefined> {
  try {
    return await to.stat(ref);
  } catch (cause) {
    throw isRot(cause) ? notWhatWasWritten(ref, cause) : cause;
  }
}

async function load(
  message: MessageToCopy,
  from: BlobStore,
  folder: ScratchFolder,
): Promise<BlobPut | 'gone' | 'damaged'> {
  try {
    const stat = await from.stat(message);
    if (stat === undefined) return 'gone';
    return { ...stat, content: await contentOf(stat, from, folder) };
  } catch (thrown) {
    if (!(thrown instanceof ArchiveFault)) throw thrown;
    if (thrown.code === 'disposed' || thrown.code === 'not-found') return 'gone';
    if (thrown.code === 'damaged') return 'damaged';
    throw thrown;
  }
}

async function contentOf(stat: BlobStat, from: BlobStore, folder: ScratchFolder): Promise<BlobSource> {
  if (stat.size <= limits.messageInMemoryBytesMax) {
    const chunks: Buffer[] = [];
    for await (const part of from.stream(stat)) chunks.push(part);
    return { bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) };
  }
  const file = await folder.file(`${stat.digest}.${stat.generation}`);
  await pipeline(Readable.from(from.stream(stat)), createWriteStream(file, { mode: 0o600 }));
  return { file };
}

/** Every byte, checked by the store against the digest. */
async function readBack(ref: BlobRef, to: BlobStore): Promise<void> {
  try {
    for await (const _part of to.stream(ref));
  } catch (cause) {
    throw isRot(cause) ? notWhatWasWritten(ref, cause) : cause;
  }
}

function isRot(thrown: unknown): boolean {
  return thrown instanceof ArchiveFault && ['damaged', 'not-found', 'disposed'].includes(thrown.code);
}

function notWhatWasWritten(ref: BlobRef, cause: unknown): BackupFault {
  return new BackupFault('target-damaged', `The copy of ${ref.digest} does not read back as it was written.`, {
    remedy: 'Check the disk of the copy, then copy to a new folder: this one is not to be relied on.',
    facts: { digest: ref.digest, generation: ref.generation },
    cause,
  });
}

/** A folder for messages that do not fit into memory; made when it is first needed, and removed with all that is in it. */
class ScratchFolder implements AsyncDisposable {
  readonly #within: string;
  #folder: Promise<string> | undefined;

  constructor(within = tmpdir()) {
    this.#within = within;
  }

  async file(name: string): Promise<string> {
    this.#folder ??= mkdtemp(join(this.#within, 'muniment-'));
    return join(await this.#folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true });
  }
}
