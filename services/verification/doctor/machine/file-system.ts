import { link, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '#kernel';
import { failed, noted, passed, type Observation, type Probe } from '../probe.ts';

/** Where "written" may not mean "still there after the power fails", by the numbers of statfs(2). */
const doubtful: ReadonlyMap<number, { readonly name: string; readonly because: string }> = new Map([
  [0x01021994, { name: 'tmpfs', because: 'it is memory: everything is gone when the machine stops' }],
  [0x858458f6, { name: 'ramfs', because: 'it is memory: everything is gone when the machine stops' }],
  [
    0x794c7630,
    { name: 'overlay', because: "it is a container's own layer, which goes with the container: mount a volume" },
  ],
  [0x6969, { name: 'NFS', because: 'what is durable is decided by its server: export it with sync' }],
  [0xff534d42, { name: 'CIFS', because: 'what is durable is decided by its server' }],
  [0xfe534d42, { name: 'SMB', because: 'what is durable is decided by its server' }],
  [0x65735546, { name: 'FUSE', because: 'what is durable is decided by the program behind it' }],
  [0x01021997, { name: '9p', because: 'what is durable is decided by the machine that shares it' }],
]);

/** @param folder an existing folder in which something durable is kept */
export function fileSystem(folder: string): Probe {
  return {
    name: 'file-system',
    tries: `Write, force to disk and link a file at ${folder}, and look what kind of file system that is`,
    severity: 'refuse',
    consequence:
      'Nothing can be acknowledged here: the ledger needs fdatasync, hard links and the forcing of folders. Use a local file system such as ext4 or xfs.',
    async run() {
      const problem = await problemOfWriting(folder);
      return problem === undefined ? judgeFileSystem((await statfs(folder)).type) : failed(problem);
    },
  };
}

export function judgeFileSystem(type: number): Observation {
  const kind = doubtful.get(type);
  if (kind === undefined) return passed(`written, forced and linked (0x${type.toString(16)})`);
  return noted(`written, forced and linked, but on ${kind.name}`, `Be sure that it is durable: ${kind.because}.`);
}

async function problemOfWriting(folder: string): Promise<string | undefined> {
  const file = join(folder, `.doctor-${newId()}`);
  const linked = `${file}-linked`;
  try {
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile('Written by muniment doctor; may be deleted.\n');
    await handle.datasync();
    await link(file, linked);
    await using directory = await open(folder, 'r');
    await directory.sync();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await Promise.all([file, linked].map(async (path) => rm(path, { force: true })));
  }
}
