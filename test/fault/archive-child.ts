import { join } from 'node:path';
import { systemClock } from '#kernel';
import { FilesystemBlobStore } from '../../services/archive/adapters/filesystem-blob-store.ts';
import { workUntilKilled } from './archive-crash-rounds.ts';

/**
 * Stores, holds and destroys messages until it is killed, and says each thing on standard output: `try` before, `did` after it
 * was acknowledged. Arguments: the archive's folder, the number of the first message.
 */
const [, , root = '', first = '0'] = process.argv;
const store = await FilesystemBlobStore.open({
  root: join(root, 'archive'),
  clock: systemClock,
  locatorFile: join(root, 'locator.sqlite'),
  identityFile: join(root, 'storage.id'),
  segmentBytesMax: 40_000,
  inMemoryBytesMax: 8_000,
});

await workUntilKilled(store, Number(first));
