import type { BlobRef } from '#archive';
import { describeBlobStore } from './blob-store.ts';
import { FilesystemArchive, IN_MEMORY_BYTES_MAX } from './filesystem-archive.ts';

describeBlobStore('FilesystemBlobStore', async () => {
  const archive = await FilesystemArchive.make(16 * 1024);
  let store = await archive.open();
  return {
    store,
    largeBytes: IN_MEMORY_BYTES_MAX + 1,
    damage: async (ref: BlobRef) => flipPayload(archive, ref),
    contains: async (bytes: Buffer) => archive.contains(bytes),
    reopen: async () => {
      await store[Symbol.asyncDispose]();
      store = await archive.open();
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await archive[Symbol.asyncDispose]();
    },
  };
});

/** Flips a bit 100 bytes after the header that names the digest. */
async function flipPayload(archive: FilesystemArchive, ref: BlobRef): Promise<void> {
  for (const name of await archive.segments()) {
    const bytes = await archive.readSegment(name);
    const at = bytes.indexOf(ref.digest);
    if (at < 0) continue;
    const position = bytes.indexOf('}', bytes.indexOf('storedAt', at)) + 100;
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    await archive.writeSegment(name, bytes);
    return;
  }
  throw new Error('no segment has it');
}
