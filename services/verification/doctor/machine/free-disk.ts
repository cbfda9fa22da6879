import { statfs } from 'node:fs/promises';
import { failed, noted, passed, type Observation, type Probe } from '../probe.ts';

const GIGABYTE = 1e9;
const leastBytes = GIGABYTE;
const leastShare = 0.1;

/** @param folder an existing folder that grows as mail comes in */
export function freeDisk(folder: string): Probe {
  return {
    name: 'free-disk',
    tries: `Measure the room that is left at ${folder}`,
    severity: 'fault',
    consequence: 'When the disk is full nothing more is acknowledged; what was stays safe. Make room.',
    async run() {
      const { bavail, blocks, bsize } = await statfs(folder);
      return judgeRoom({ freeBytes: bavail * bsize, totalBytes: blocks * bsize });
    },
  };
}

export function judgeRoom(disk: { readonly freeBytes: number; readonly totalBytes: number }): Observation {
  const { freeBytes, totalBytes } = disk;
  const share = totalBytes === 0 ? 0 : freeBytes / totalBytes;
  const told = `${(freeBytes / GIGABYTE).toFixed(1)} GB, ${Math.floor(share * 100)} % of it`;
  if (freeBytes < leastBytes) return failed(told);
  return share < leastShare ? noted(told, 'Plan for more room: mail comes in while it is looked for.') : passed(told);
}
