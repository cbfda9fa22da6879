import { mkdirSync } from 'node:fs';
import type { BlobStore } from '#archive';
import type { Clock } from '#kernel';
import type { LedgerStore } from '#ledger';
import { FilesystemBlobStore } from '../archive/adapters/filesystem-blob-store.ts';
import { FilesystemLedgerStore } from '../ledger/adapters/filesystem-ledger-store.ts';
import type { ArchiveFolder } from './archive-folder.ts';

/** The two stores that are the whole state of an archive, or of a backup. */
export interface Stores extends AsyncDisposable {
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
}

/** Opens the stores in a folder: an archive's own, or a backup's. */
export async function openFolderStores(folder: ArchiveFolder, clock: Clock): Promise<Stores> {
  mkdirSync(folder.derived, { recursive: true, mode: 0o700 });
  await using opening = new AsyncDisposableStack();
  const ledgerStore = opening.use(await FilesystemLedgerStore.open(folder.ledger));
  const { record: root, locatorFile, identityFile } = folder;
  const archive = opening.use(await FilesystemBlobStore.open({ root, clock, locatorFile, identityFile }));
  return storesOf(archive, ledgerStore, opening.move());
}

/** Stores that are closed together. */
export function storesOf(archive: BlobStore, ledgerStore: LedgerStore, resources: AsyncDisposableStack): Stores {
  return { archive, ledgerStore, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
