import type { ParseFlag } from '#kernel';
import { closeSync, openSync, readSync } from 'node:fs';
import { constants, zstdCompressSync } from 'node:zlib';
import { compressedFromBytes } from '#archive';
import { emptyMessage, type ParsedMessage, parseMessage } from '#message';
import { encodeDocument, searchDocument } from '#search';

/** How much of a message is looked at; what lies beyond is archived, and flagged `message-truncated`. */
const windowBytesMax = 64 * 1024 * 1024;

/** Level 1 takes a third of the time of the default 3 and gives up 3 % of the saving on mail. */
const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** What reading a message gave: all of it derived, all of it disposable. */
export interface ReadMessage {
  readonly flags: readonly ParseFlag[];
  /** Something in it was not read as text: an image, an office file, an archive. */
  readonly hasUnread: boolean;
  /** `encodeDocument` of what it says. Taken apart again only by who needs it: the index, and holds where there are any. */
  readonly encoded: Uint8Array;
  /** The message as one zstd frame; absent for small messages, and those in files. */
  readonly zstd?: Uint8Array;
}

/** Parses, analyses and compresses one message. Never throws for what a message contains: that is a flag. */
export function readBytes(bytes: Buffer): ReadMessage {
  const read = readParsed(parseSafely(bytes), bytes.length);
  return bytes.length < compressedFromBytes ? read : { ...read, zstd: zstdCompressSync(bytes, zstd) };
}

/** The same for a message in a file, of which a window at the beginning is read. */
export function readFile(file: string, size: number): ReadMessage {
  const window = Buffer.allocUnsafe(Math.min(size, windowBytesMax));
  const handle = openSync(file, 'r');
  try {
    let filled = 0;
    while (filled < window.length) {
      const count = readSync(handle, window, filled, window.length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    const parsed = parseSafely(window.subarray(0, filled));
    const flags: ParseFlag[] = filled < size ? ['message-truncated'] : [];
    return readParsed({ ...parsed, flags: [...new Set([...parsed.flags, ...flags])] }, size);
  } finally {
    closeSync(handle);
  }
}

/** What stands for a message that could not be read: findable by its facts, and by its flag. */
export function unreadable(size: number, flag: 'parse-failed' | 'parse-timeout'): ReadMessage {
  return readParsed({ ...emptyMessage, flags: [flag] }, size);
}

function parseSafely(bytes: Buffer): ParsedMessage {
  try {
    return parseMessage(bytes);
  } catch {
    return { ...emptyMessage, flags: ['parse-failed'] };
  }
}

function readParsed(parsed: ParsedMessage, size: number): ReadMessage {
  const hasUnread =
    parsed.flags.includes('embedded-file') ||
    parsed.attachments.some((attachment) => attachment.size > 0 && attachment.text === '');
  const document = searchDocument(parsed, size);
  return { flags: document.display.flags, hasUnread, encoded: encodeDocument(document) };
}
