import type { BlobRef, BlobStore } from '#archive';

/** The beginning of a message, as much as is parsed. @throws ArchiveFault `damaged` */
export async function windowOf(archive: BlobStore, message: BlobRef, bytesMax: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of archive.stream(message)) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= bytesMax) break;
  }
  return Buffer.concat(parts);
}
