import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { AppFault } from '../app-fault.ts';
import type { ArchiveFolder } from '../archive-folder.ts';

/** sockaddr_un holds 108 bytes on Linux, 104 on macOS, the closing NUL included. */
const pathBytesMax = 103;

/**
 * The socket lies in the archive's folder; where that path is too long, in a folder of this user's among the temporary
 * ones, under a name derived from it. @throws AppFault `in-use` when somebody else made that folder
 */
export function socketPath(folder: ArchiveFolder): string {
  const path = join(folder.run, 'control.sock');
  if (Buffer.byteLength(path) <= pathBytesMax) return path;
  const name = createHash('sha256').update(realpathSync(folder.root)).digest('hex').slice(0, 24);
  return join(ownFolder(), `${name}.sock`);
}

/** Passwords travel through the socket: nobody else may stand in for the process behind it. */
function ownFolder(): string {
  const { uid } = userInfo();
  const path = join(tmpdir(), `muniment-${uid}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  const isOurs = found.isDirectory() && (uid < 0 || (found.uid === uid && (found.mode & 0o077) === 0));
  if (isOurs) return path;
  throw new AppFault('in-use', `${path} belongs to somebody else, or others may write to it.`, {
    remedy: 'Remove it, or move the archive to a folder with a shorter path.',
  });
}
