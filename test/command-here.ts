import { CommanderError } from 'commander';
import { readConfig } from '../services/app/config.ts';
import { commands } from '../services/app/cli/commands.ts';
import { execute } from '../services/app/cli/execute.ts';
import type { Io } from '../services/app/cli/io.ts';
import { faultOf, misunderstood } from '../services/app/cli/problem.ts';
import { parseTyped } from '../services/app/cli/program.ts';

/** What a command said, and its exit code. */
export interface Said {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Where a command is typed, and what configures the program there. */
export interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs a command in this process, as `main.ts` would in one of its own: starting the program costs more than most commands.
 * @param words as typed, with --archive
 */
export async function commandHere(words: readonly string[], place: Place): Promise<Said> {
  const io = new HeardIo();
  const code = await codeOf(words, place, io);
  return { code, stdout: Buffer.concat(io.out), stderr: io.err };
}

async function codeOf(words: readonly string[], { folder, env }: Place, io: Io): Promise<number> {
  try {
    const typed = await within(folder, () => parseTyped(commands, words, 'of the tests'));
    if (typed === undefined) return 0;
    const config = within(folder, () => readConfig(env, typed.archive));
    return await execute(commands, typed, config, io);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return misunderstood(thrown, io);
    return faultOf(thrown, io);
  }
}

/** Paths are made absolute while words are parsed, at once: no other command comes between. */
function within<T>(folder: string, parse: () => T): T {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return parse();
  } finally {
    process.chdir(before);
  }
}

/** Hears all that is said, with results as JSON Lines. */
class HeardIo implements Io {
  readonly json = true;
  readonly signal = new AbortController().signal;
  readonly out: Buffer[] = [];
  err = '';

  result(value: object): void {
    this.out.push(Buffer.from(`${JSON.stringify(value)}\n`));
  }

  async taken(): Promise<void> {}

  async bytes(chunk: Uint8Array): Promise<void> {
    this.out.push(Buffer.from(chunk));
  }

  note(text: string): void {
    this.err += `${text}\n`;
  }

  progress(): void {}
}
