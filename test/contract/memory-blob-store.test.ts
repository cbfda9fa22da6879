import { MemoryBlobStore } from '../../services/archive/adapters/memory-blob-store.ts';
import { describeBlobStore } from './blob-store.ts';

const inMemoryBytesMax = 64 * 1024;

describeBlobStore('MemoryBlobStore', async () => {
  const store = new MemoryBlobStore({ inMemoryBytesMax });
  return { store, largeBytes: inMemoryBytesMax + 1, [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose]() };
});
