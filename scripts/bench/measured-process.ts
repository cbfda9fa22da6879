import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { stopwatch } from '#kernel';

const sampleMs = 50;
/** USER_HZ, in which Linux counts the processor time of a process: 100 on every architecture. */
const ticksPerSecond = 100;

/** What a program took from start to end. */
export interface Measured {
  readonly seconds: number;
  /** Largest resident size of its process; undefined where the system does not say (it is not Linux). */
  readonly peakBytes: number | undefined;
  /** Processor time of all its threads. */
  readonly cpuSeconds: number | undefined;
  readonly stdout: string;
}

/** Runs a program to its end. @throws Error unless it succeeds */
export async function measured(
  words: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Measured> {
  const [file = '', ...args] = words;
  const elapsed = stopwatch();
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  let usage: Usage = { peakBytes: undefined, cpuSeconds: undefined };
  const sampling = setInterval(() => (usage = usageOf(child.pid) ?? usage), sampleMs);
  try {
    await once(child, 'close');
  } finally {
    clearInterval(sampling);
  }
  if (child.exitCode !== 0) throw new Error(`${words.join(' ')} ended with exit code ${child.exitCode}.\n${stderr}`);
  return { seconds: elapsed() / 1000, ...usage, stdout };
}

export type Usage = Pick<Measured, 'peakBytes' | 'cpuSeconds'>;

/** What a process has taken until now; undefined when it is gone. proc(5): the kernel keeps the peak itself, so only what happens in the last milliseconds can be missed. */
export function usageOf(pid: number | undefined): Usage | undefined {
  try {
    const peak = /^VmHWM:\s+(?<kilobytes>\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain anything; utime and stime are the 12th and 13th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (peak === null) return undefined;
    return {
      peakBytes: Number(peak.groups?.['kilobytes']) * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}
