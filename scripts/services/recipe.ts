import type { GuardedProcess, Program } from './guarded-process.ts';

export type ServerName = 's3' | 's3-versity' | 's3-ceph' | 'redis' | 'elasticsearch';

/** A command that a server needs of the system, and Debian's package for it (none where Debian's is too old). */
export interface SystemCommand {
  readonly command: string;
  readonly debian: string | undefined;
}

/** What a server is started with. */
export interface Launch {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Everything that the server keeps is below it. It exists; what an earlier start left is used again. */
  readonly folder: string;
  /** More arguments, in the server's own form. */
  readonly args: readonly string[];
  readonly begin: (program: Program) => Promise<GuardedProcess>;
}

/** How to get one real server and how to start it, without containers. infra/services/README.md says which and why. */
export interface Recipe {
  readonly title: string;
  readonly scheme: 'http' | 'redis';
  /** Where people expect it; tests use any other. */
  readonly usualPort: number;
  readonly needs: readonly SystemCommand[];
  /** More arguments for a short life, as in a test: it starts sooner and would be slower in the long run. */
  readonly shortLife?: readonly string[];
  /** Whether everything is on this machine. */
  readonly isInstalled: () => boolean;
  /** Gets it into the cache folder; the commands it needs are there. Safe to run twice, and to be cut short. */
  readonly install: () => Promise<void>;
  /** Starts its processes (the one that listens is the last) and waits until it answers. */
  readonly launch: (launch: Launch) => Promise<void>;
}

/** Who a server lets in that was started here. They protect nothing: it listens on this machine only. */
export const testServerCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = {
  accessKeyId: 'testaccess',
  secretAccessKey: 'testsecret1',
};
