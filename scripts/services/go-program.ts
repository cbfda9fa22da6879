import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { building, cachePath } from './cache.ts';
import type { SystemCommand } from './recipe.ts';
import { runCommand } from './run-command.ts';

/** Debian 12 has Go 1.19, which is too old for what is built here. */
export const go: SystemCommand = { command: 'go', debian: undefined };

export function goProgramPath(name: string): string {
  return cachePath('s3', 'bin', name);
}

/** Builds a program from its sources, which come by the Go module proxy and go again. */
export async function installGoProgram(name: string, packageAtVersion: string): Promise<void> {
  if (existsSync(goProgramPath(name))) return;
  await building('s3', async (folder) => {
    await runCommand('go', ['install', '-ldflags', '-s -w', packageAtVersion], {
      GOBIN: join(folder, 'bin'),
      GOMODCACHE: join(folder, 'modules'),
      GOCACHE: join(folder, 'cache'),
      // Modules in the cache can be removed again.
      GOFLAGS: '-buildvcs=false -modcacherw -trimpath',
      CGO_ENABLED: '0',
    });
    await mkdir(cachePath('s3', 'bin'), { recursive: true });
    await rename(join(folder, 'bin', name), goProgramPath(name));
  });
}
