import { readConfig } from '../services/app/config.ts';
import { commands } from '../services/app/cli/commands.ts';
import { execute } from '../services/app/cli/execute.ts';
import type { Io } from '../services/app/cli/io.ts';
import { faultOf } from '../services/app/cli/problem.ts';
import { parseTyped } from '../services/app/cli/program.ts';

/** What a command said, and its exit code. */
export interface Said {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Runs a command in this process, as `main.ts` would in one of its own: starting the program costs more than most commands.
 * @param words as typed, with --archive
 * @param env what configures the program
 */
export async function commandHere(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Said> {
  const io = new HeardIo();
  const code = await codeOf(words, env, io);
  return { code, stdout: Buffer.concat(io.out), stderr: io.err };
}

async function codeOf(words: readonly string[], env: Readonly<Record<string, string>>, io: Io): Promise<number> {
  try {
    const typed = await parseTyped(commands, words, 'of the tests');
    return typed === undefined ? 0 : await execute(commands, typed, readConfig(env, typed.archive), io);
  } catch (thrown) {
    return faultOf(thrown, io);
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
