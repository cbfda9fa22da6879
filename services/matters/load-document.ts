import { limits } from '#kernel';
import type { BlobRef, BlobStore } from '#archive';
import { parseMessage, type ParsedMessage } from '#message';
import { type SearchDocument, searchDocument } from '#search';

const windowBytesMax = limits.messageInMemoryBytesMax;

export interface LoadedDocument {
  readonly document: SearchDocument;
  /** Something in it was not read as text: an image, an office file, an archive, or what lies beyond a limit. */
  readonly hasUnread: boolean;
}

/** The document of an archived message, from its bytes: what it says, not what an index remembers of it. */
export async function loadDocument(
  archive: BlobStore,
  ref: BlobRef & { readonly size: number },
): Promise<LoadedDocument> {
  if (ref.size <= windowBytesMax) return loaded(parseMessage(await archive.read(ref)), ref.size);
  const parsed = parseMessage(await firstBytes(archive.stream(ref)));
  const truncated: ParsedMessage = { ...parsed, flags: [...parsed.flags, 'message-truncated'] };
  return loaded(truncated, ref.size);
}

function loaded(parsed: ParsedMessage, size: number): LoadedDocument {
  const hasUnread =
    parsed.flags.includes('embedded-file') ||
    parsed.attachments.some((attachment) => attachment.size > 0 && attachment.text === '');
  return { document: searchDocument(parsed, size), hasUnread };
}

async function firstBytes(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= windowBytesMax) break;
  }
  return Buffer.concat(parts).subarray(0, windowBytesMax);
}
