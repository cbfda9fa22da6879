import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from '@jest/globals';

/** What the killed processes said. */
export class Said {
  readonly tried = { put: new Set<number>(), hold: new Set<number>(), dispose: new Set<number>() };
  readonly done = { put: new Set<number>(), hold: new Set<number>(), dispose: new Set<number>() };

  hear(line: string): void {
    const [when, what, numbers = ''] = line.split(' ');
    if (what !== 'put' && what !== 'hold' && what !== 'dispose') throw new Error(`not understood: ${line}`);
    for (const number of numbers.split(',')) (when === 'did' ? this.done : this.tried)[what].add(Number(number));
  }
}

/** Starts a child that does its work until it is killed, kills it after so many lines, and hears what it said. */
export async function runAndKill(file: string, args: readonly string[], afterLines: number, said: Said): Promise<void> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    said.hear(line);
    lines += 1;
    if (lines === afterLines) child.kill('SIGKILL');
  }
  expect((await ended)[1]).toBe('SIGKILL');
}
