import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { digestOf, limits } from '#kernel';
import { discardContent, TemporaryFile, type Received } from '../temporary-file.ts';
import type { ImapConnection, Row } from './imap-connection.ts';

const partBytes = 4 * 1024 * 1024;
/** Up to this size a message may be asked for whole, to check what its parts gave. */
const wholeBytesMax = 64 * 1024 * 1024;

/** What a row of a FETCH answer is worth. */
export type RowVerdict = Received | 'nil-body' | 'empty';

/** NIL, and nothing where the server itself says there is something, are no messages. */
export function judgeRow(row: Row, declaredSize: number | undefined): RowVerdict {
  if (row.source === undefined) return 'nil-body';
  if (row.source.length === 0 && declaredSize !== 0) return 'empty';
  return receivedInMemory(row.source);
}

export function receivedInMemory(bytes: Buffer): Received {
  return { content: { bytes }, size: bytes.length, digest: digestOf(bytes) };
}

/**
 * One message in parts, through a temporary file. Parts are trusted when they add up to the size that the server declares;
 * else the whole is asked for once, where that is possible, and the longer of the two taken. Undefined: there was nothing.
 */
export async function fetchInParts(
  connection: ImapConnection,
  uid: number,
  declaredSize: number | undefined,
  temporaryFolder: string,
): Promise<Received | 'too-large' | undefined> {
  const file = await TemporaryFile.create(temporaryFolder);
  try {
    const fits = await copyParts(connection, uid, declaredSize, file);
    if (!fits || file.size > limits.messageBytesMax) {
      await file.abandon();
      return 'too-large';
    }
  } catch (thrown) {
    await file.abandon();
    throw thrown;
  }
  return await checkedAgainstWhole(connection, uid, declaredSize, await file.finish());
}

/** False when the message is larger than is accepted. */
async function copyParts(
  connection: ImapConnection,
  uid: number,
  declaredSize: number | undefined,
  file: TemporaryFile,
): Promise<boolean> {
  const bytesMax = bytesBeforeDistrust(declaredSize);
  const bytesMin = declaredSize ?? 0;
  while (file.size <= bytesMax) {
    const part = (await connection.part(uid, file.size, partBytes)) ?? Buffer.alloc(0);
    // Longer than asked for: the server ignores the bounds, and only the first such answer is the message.
    const isWhole = part.length > partBytes;
    if (part.length === 0 || (isWhole && file.size > 0)) return true;
    await file.write(part);
    if (isWhole || (part.length < partBytes && file.size >= bytesMin)) return true;
  }
  return file.size <= limits.messageBytesMax;
}

/** A server that ignores where a part begins would send the same bytes for ever. */
function bytesBeforeDistrust(declaredSize: number | undefined): number {
  return Math.min(limits.messageBytesMax, Math.max(declaredSize ?? wholeBytesMax, partBytes) + 2 * partBytes);
}

async function checkedAgainstWhole(
  connection: ImapConnection,
  uid: number,
  declaredSize: number | undefined,
  parts: Received,
): Promise<Received | undefined> {
  if (parts.size !== declaredSize && (declaredSize ?? 0) <= wholeBytesMax) {
    const whole = await fetchWhole(connection, uid);
    if (whole !== undefined && (whole.length === declaredSize || whole.length > parts.size)) {
      await discardContent(parts.content);
      return await inMemoryWhereSmall(await toFile(whole, parts));
    }
  }
  if (parts.size > 0) return await inMemoryWhereSmall(parts);
  await discardContent(parts.content);
  return undefined;
}

async function toFile(bytes: Buffer, parts: Received): Promise<Received> {
  if (bytes.length <= limits.messageInMemoryBytesMax || !('file' in parts.content)) return receivedInMemory(bytes);
  const file = await TemporaryFile.create(dirname(parts.content.file));
  await file.write(bytes);
  return await file.finish();
}

async function fetchWhole(connection: ImapConnection, uid: number): Promise<Buffer | undefined> {
  let whole: Buffer | undefined;
  for await (const row of connection.rows(String(uid), { uid: true, source: true })) {
    if (row.uid === uid && row.source !== undefined) whole = row.source;
  }
  return whole;
}

async function inMemoryWhereSmall(received: Received): Promise<Received> {
  if (received.size > limits.messageInMemoryBytesMax || 'bytes' in received.content) return received;
  const bytes = await readFile(received.content.file);
  await discardContent(received.content);
  return receivedInMemory(bytes);
}
