import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a command lies on the path or among the system's own, or undefined. */
export function commandPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
