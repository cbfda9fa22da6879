import { globSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** No build takes longer: whose folder is older was cut short. */
const buildHoursMax = 3;

/** Where servers are kept once they are here: outside the checkout, shared by all checkouts. */
export function cachePath(...names: readonly string[]): string {
  const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(caches, 'muniment-services', ...names);
}

/**
 * Builds in a folder of its own, which is removed afterwards. What is done is moved from there to its place, on the same
 * disk: a build that was cut short, or a second one at the same time, leaves nothing half done.
 */
export async function building(name: string, build: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(cachePath(name), { recursive: true });
  await removeAbandoned(cachePath(name));
  const folder = await mkdtemp(cachePath(name, 'build.'));
  try {
    await build(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A build that is killed cannot tidy up, and what it leaves is large. */
async function removeAbandoned(parent: string): Promise<void> {
  const oldest = Date.now() - buildHoursMax * 3_600_000;
  for (const folder of globSync(join(parent, 'build.*'))) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats !== undefined && stats.mtimeMs < oldest) await rm(folder, { recursive: true, force: true });
  }
}
