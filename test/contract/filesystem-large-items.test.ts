import { afterEach, beforeEach } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesystemLargeItems } from '../../services/ingest/adapters/filesystem-large-items.ts';
import { largeItemsContract } from './large-items.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-large-items-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

largeItemsContract(
  'FilesystemLargeItems',
  async (clock) => await Promise.resolve(new FilesystemLargeItems({ folder, clock })),
);
