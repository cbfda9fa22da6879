import type { Command as Program } from 'commander';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import type { Deployment, OpenOptions } from '../deployment.ts';
import type { Io } from './io.ts';

/** 0 for full success only. 1: done, with faults that were named. 2: refused or failed. 64: used wrongly. */
export type ExitCode = 0 | 1 | 2 | 64 | 130;

/** Opens the archive, answers other processes while `use` runs, and closes it again. */
export type OpenArchive = <T>(
  options: Pick<OpenOptions, 'create' | 'captures' | 'onTrouble'>,
  use: (deployment: Deployment) => Promise<T>,
) => Promise<T>;

/** Of `--as-of`. */
export const asOfHint =
  'It is a sequence of the ledger, as answers name it; dates are asked for with date: and received:.';

interface CommandFace<Input> {
  /** As typed: `hold place`. */
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  /** Declares arguments and options. */
  configure(program: Program): Program;
  /** What was typed, with paths made absolute here: the command may run in another process. */
  input(args: readonly unknown[], options: Readonly<Record<string, unknown>>): unknown;
  readonly schema: z.ZodType<Input>;
  /** What to write instead, by the option or argument that was not understood. */
  readonly hints?: Readonly<Record<string, string>>;
  /** Whether it begins an archive where there is none. */
  readonly creates: boolean;
}

/** Works on an opened archive: here, or in the process that has it open. */
export interface ArchiveCommand<Input> extends CommandFace<Input> {
  readonly on: 'archive';
  /** Appends nothing: may run on a restored archive that was not adopted. */
  readonly readOnly?: boolean;
  run(deployment: Deployment, input: Input, io: Io): Promise<ExitCode>;
}

/** Works on the archive's folder while nothing has it open. */
export interface FolderCommand<Input> extends CommandFace<Input> {
  readonly on: 'folder';
  /** Throws where it cannot succeed: before anything is made in the archive's folder, so that a slip leaves nothing there. */
  check?(config: Config, input: Input): void;
  run(config: Config, input: Input, io: Io, open: OpenArchive): Promise<ExitCode>;
  /** The same on an archive that this process has open, for commands that can. */
  runOpen?(deployment: Deployment, input: Input, io: Io): Promise<ExitCode>;
}

export type Command<Input> = ArchiveCommand<Input> | FolderCommand<Input>;

/** A command whose input type only it knows. */
export type AnyCommand = Command<never>;

/** Keeps the types of one command together while it stands in a list with others; `execute` checks the input by its schema. */
export function archiveCommand<Input>(command: Omit<ArchiveCommand<Input>, 'on'>): ArchiveCommand<never> {
  return { on: 'archive', ...command } as unknown as ArchiveCommand<never>;
}

export function folderCommand<Input>(command: Omit<FolderCommand<Input>, 'on'>): FolderCommand<never> {
  return { on: 'folder', ...command } as unknown as FolderCommand<never>;
}
