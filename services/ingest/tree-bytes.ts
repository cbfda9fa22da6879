import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes of all files below a path: an estimate of what an import has before it, for people. Counts beside the import and
 * never disturbs it: what cannot be read counts as nothing.
 */
export async function treeBytes(path: string, signal: AbortSignal): Promise<number> {
  if (signal.aborted) return 0;
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.isFile() ? stats.size : 0;
  let bytes = 0;
  const folder = await opendir(path).catch(() => undefined);
  if (folder === undefined) return 0;
  for await (const entry of folder) bytes += await treeBytes(join(path, entry.name), signal);
  return bytes;
}
