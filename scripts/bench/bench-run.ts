import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '#kernel';

const usageCode = 64;

/**
 * A benchmark as a program: what `work` gives is printed, what it throws is said and sets the exit code.
 * @param work gets a folder that is removed at the end, and the signal of Ctrl-C and SIGTERM
 */
export async function benchRun(work: (scratch: string, signal: AbortSignal) => Promise<string>): Promise<void> {
  const aborting = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => aborting.abort(new Error('interrupted')));
  const scratch = await mkdtemp(join(tmpdir(), 'muniment-bench-'));
  try {
    process.stdout.write(`${await work(scratch, aborting.signal)}\n`);
  } catch (thrown) {
    say(messageOf(thrown));
    process.exitCode = process.argv.length < 3 ? usageCode : 1;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** To whoever waits. */
export function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

/** What it was measured on. */
export function machine(): string {
  return `${process.platform} ${process.arch}, ${availableParallelism()} processors (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}`;
}
