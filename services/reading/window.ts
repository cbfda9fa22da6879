import type { BlobRef, BlobStore } from '#archive';
import { sideBySide } from '#kernel';

/** The beginning of a message, as much as is read. @throws ArchiveFault `damaged` */
export async function windowOf(
  archive: BlobStore,
  message: BlobRef,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Buffer[] = [];
  let left = bytesMax;
  for await (const chunk of archive.stream(message)) {
    parts.push(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) break;
  }
  return sideBySide(parts);
}
