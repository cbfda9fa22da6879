import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ArchiveFolder } from '../archive-folder.ts';

/** sockaddr_un holds 108 bytes on Linux, 104 on macOS, the closing NUL included. */
const pathBytesMax = 103;

/** The socket lies in the archive's folder; where that path is too long, in the temporary folder under a name derived from it. */
export function socketPath(folder: ArchiveFolder): string {
  const path = join(folder.run, 'control.sock');
  if (Buffer.byteLength(path) <= pathBytesMax) return path;
  const name = createHash('sha256').update(folder.root).digest('hex').slice(0, 24);
  return join(tmpdir(), `muniment-${userInfo().uid}-${name}.sock`);
}
