import { crc32 } from 'node:zlib';
import { inGroups, limits } from '#kernel';
import { ArchiveFault, type BlobStore } from '#archive';
import type { MessageRecord } from '#catalog';
import type { FileContent } from './export-target.ts';

/** What is read at a time: so many messages, and no more bytes than one message in memory may have. */
const fetchedTogether = { count: 128, bytes: limits.messageInMemoryBytesMax };
/** As much of a large message as its header is looked for in. */
const headBytesMax = 1024 * 1024;

/** A message whose bytes were found to be what its digest says. */
export interface ReadableMessage {
  readonly message: MessageRecord;
  readonly content: FileContent;
  /** Its beginning, with the header. */
  readonly head: Buffer;
}

export interface UnreadableMessage {
  readonly message: MessageRecord;
  readonly reason: 'disposed' | 'damaged' | 'missing';
}

export type FetchedMessage = ReadableMessage | UnreadableMessage;

/** Messages with their content, in chunks, in order; the next chunk is read while one is being written. */
export async function* fetchInChunks(
  archive: BlobStore,
  messages: Iterable<MessageRecord>,
): AsyncIterable<readonly FetchedMessage[]> {
  let ahead: Promise<FetchedMessage[]> | undefined;
  for await (const chunk of inGroups(messages, fetchedTogether, bytesInMemory)) {
    const next = Promise.all(chunk.map((message) => fetchMessage(archive, message)));
    // It is awaited one turn later; until then its failure is nobody's.
    next.catch(() => {});
    if (ahead !== undefined) yield await ahead;
    ahead = next;
  }
  if (ahead !== undefined) yield await ahead;
}

/** Of a large message only its head is in memory. */
function bytesInMemory({ size }: MessageRecord): number {
  return size > limits.messageInMemoryBytesMax ? headBytesMax : size;
}

/** @throws what is not the message's own fault */
export async function fetchMessage(archive: BlobStore, message: MessageRecord): Promise<FetchedMessage> {
  if (message.state === 'disposed') return { message, reason: 'disposed' };
  try {
    if (message.size > limits.messageInMemoryBytesMax) return { message, ...(await checked(archive, message)) };
    const content = await archive.read(message);
    return { message, content, head: content };
  } catch (thrown) {
    return { message, reason: reasonOf(thrown) };
  }
}

/** Reads a large message once to know that it is sound: what has been written of it into a zip could not be taken back. */
async function checked(archive: BlobStore, message: MessageRecord): Promise<{ content: FileContent; head: Buffer }> {
  const head: Buffer[] = [];
  let [headBytes, sum] = [0, 0];
  for await (const chunk of archive.stream(message)) {
    sum = crc32(chunk, sum);
    if (headBytes >= headBytesMax) continue;
    head.push(Buffer.from(chunk.subarray(0, headBytesMax - headBytes)));
    headBytes += chunk.length;
  }
  const chunks = { [Symbol.asyncIterator]: () => archive.stream(message)[Symbol.asyncIterator]() };
  return { content: { size: message.size, crc32: sum, chunks }, head: Buffer.concat(head) };
}

function reasonOf(thrown: unknown): UnreadableMessage['reason'] {
  if (!(thrown instanceof ArchiveFault)) throw thrown;
  if (thrown.code === 'disposed' || thrown.code === 'damaged') return thrown.code;
  if (thrown.code === 'not-found') return 'missing';
  throw thrown;
}
