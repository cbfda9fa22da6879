import type { Clock } from '#kernel';
import type { ArchiveFolder } from './archive-folder.ts';
import type { Config } from './config.ts';
import { openFolderStores, type Stores } from './stores.ts';

/** Opens the stores of an archive, wherever its configuration says that they lie. */
export async function openStores(place: Config['archive'], folder: ArchiveFolder, clock: Clock): Promise<Stores> {
  if (place.kind === 'folder') return openFolderStores(folder, clock);
  const { openBucketStores } = await import('./bucket-stores.ts');
  return openBucketStores(place, clock);
}
