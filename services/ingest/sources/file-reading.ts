import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { limits, messageOf, systemCodeOf } from '#kernel';
import { TemporaryFile, type Received } from '../temporary-file.ts';
import { toSystem, type BytePath } from './byte-path.ts';
import { beginningBytes, judgeByBeginning, type FileFormat, type FileName, type Verdict } from './candidates.ts';
import type { ReadAt } from './file-window.ts';

/** What a first look at a file gave: the whole of a small message, or how to go on. */
export type Looked =
  | { readonly kind: 'whole'; readonly take: 'eml' | 'maildir'; readonly bytes: Buffer }
  | { readonly kind: 'large'; readonly take: 'eml' | 'maildir' }
  | { readonly kind: 'mbox'; readonly take: 'mboxrd' | 'mboxo' }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'failed'; readonly reason: string };

export const notRegular = 'not a regular file';

/** A FIFO must not block us, nor a file that became a link lead us away. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens, judges and reads. Synchronous: 8 µs for a small file that the system has in memory, against 25 µs and more through the thread
 * pool (measured, Node 24); `warm` first brings files of a slow medium there.
 */
export function lookAt(path: BytePath, name: FileName, format: FileFormat, verdict: Verdict | undefined): Looked {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(toSystem(path), openFlags);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { kind: 'ignored', why: notRegular };
    return lookInside(descriptor, stat.size, verdict ?? judged(descriptor, name, format));
  } catch (thrown) {
    return { kind: 'failed', reason: unreadable(thrown) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

export function unreadable(thrown: unknown): string {
  const vanished = systemCodeOf(thrown) === 'ENOENT';
  return vanished ? 'was renamed or removed while it was being imported' : `cannot be read: ${messageOf(thrown)}`;
}

function judged(descriptor: number, name: FileName, format: FileFormat): Verdict {
  return judgeByBeginning(name, format, readFrom(descriptor, beginningBytes));
}

function lookInside(descriptor: number, size: number, verdict: Verdict): Looked {
  if (verdict.kind !== 'taken') return verdict;
  if (verdict.take === 'mboxrd' || verdict.take === 'mboxo') return { kind: 'mbox', take: verdict.take };
  if (size > limits.messageInMemoryBytesMax) return { kind: 'large', take: verdict.take };
  const bytes = readFrom(descriptor, size);
  // Some file systems say 0, or an old size, and the file that is being written is longer by now.
  const isAll = readSync(descriptor, Buffer.allocUnsafe(1), 0, 1, bytes.length) === 0;
  return isAll ? { kind: 'whole', take: verdict.take, bytes } : { kind: 'large', take: verdict.take };
}

/** The first `size` bytes; fewer where the file is shorter. */
function readFrom(descriptor: number, size: number): Buffer {
  // Not from the shared pool: the message outlives its neighbours.
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  while (filled < size) {
    const count = readSync(descriptor, bytes, filled, size - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** Reads the files in parallel and throws the bytes away; errors will show when they are read in earnest. */
export async function warm(paths: readonly BytePath[]): Promise<void> {
  await Promise.all(
    paths.map(async (path) => {
      await withFile(path, async (readAt) => await readAt(Buffer.allocUnsafe(64 * 1024), 0)).catch(() => undefined);
    }),
  );
}

/** Copies a message that is too large for memory into a temporary file, as it is at this moment. */
export async function copyLarge(path: BytePath, temporaryFolder: string, signal: AbortSignal): Promise<Received> {
  const file = await TemporaryFile.create(temporaryFolder);
  try {
    await withFile(path, async (readAt) => {
      const chunk = Buffer.allocUnsafe(1024 * 1024);
      for (let count = await readAt(chunk, 0); count > 0; count = await readAt(chunk, file.size)) {
        signal.throwIfAborted();
        await file.write(chunk.subarray(0, count));
      }
    });
    return await file.finish();
  } catch (thrown) {
    await file.abandon();
    throw thrown;
  }
}

export async function withFile<T>(path: BytePath, use: (readAt: ReadAt) => Promise<T>): Promise<T> {
  const opened = await openForReading(path);
  try {
    return await use(opened.readAt);
  } finally {
    await opened.close();
  }
}

export async function openForReading(path: BytePath): Promise<{ readAt: ReadAt; close: () => Promise<void> }> {
  const handle = await open(toSystem(path), openFlags);
  const readAt: ReadAt = async (buffer, position) => {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  };
  return { readAt, close: async () => await handle.close() };
}
