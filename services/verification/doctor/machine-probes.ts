import { fileSystem } from './machine/file-system.ts';
import { freeDisk } from './machine/free-disk.ts';
import { nodeVersion } from './machine/node-version.ts';
import { about, type ListedProbe } from './probe.ts';

/** What must be so of the machine this runs on. @param folder an existing folder: the archive, or the state of this process */
export function machineProbes(folder: string): readonly ListedProbe[] {
  return about('machine', [nodeVersion(), freeDisk(folder), fileSystem(folder)]);
}
