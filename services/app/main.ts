import { CommanderError } from 'commander';
import { stopwatch } from '#kernel';
import { commands } from './cli/commands.ts';
import { execute } from './cli/execute.ts';
import { TerminalIo } from './cli/io.ts';
import { faultOf, misunderstood } from './cli/problem.ts';
import { parseTyped } from './cli/program.ts';
import { StandardOutput } from './cli/standard-output.ts';
import { readConfig } from './config.ts';
import { endAtLast } from './last-resort.ts';
import { version } from './version.ts';

/** What has not ended by then after Ctrl-C or SIGTERM is left as kill -9 would leave it: the next run completes it. */
const stopMsMax = 9000;

/** The program: parses what was typed, runs it, and ends with its exit code. */
async function main(): Promise<number> {
  const elapsed = stopwatch();
  const aborting = new AbortController();
  const lastResorts: (() => void)[] = [];
  const stop = () => {
    aborting.abort(new Error('interrupted'));
    lastResorts.push(endAtLast(stopMsMax));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // Whoever started this process on another Node was killed: nobody is left who could stop it.
  process.once('disconnect', stop);
  process.channel?.unref();
  // Nobody is left to answer to: reading stopped (`| head`), or the disk is full.
  const output = new StandardOutput((reason) => aborting.abort(reason));
  // Who cannot be told is not told.
  process.stderr.on('error', () => undefined);
  const streams = { signal: aborting.signal, elapsed, output };
  let io = new TerminalIo({ json: process.argv.includes('--json'), ...streams });
  try {
    const typed = await parseTyped(commands, process.argv.slice(2), version());
    if (typed !== undefined) io = new TerminalIo({ json: typed.json, ...streams });
    const code = typed === undefined ? 0 : await execute(commands, typed, readConfig(process.env, typed.archive), io);
    await output.flushed();
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return misunderstood(thrown, io);
    return faultOf(thrown, io);
  } finally {
    io.end();
    for (const allClosed of lastResorts) allClosed();
  }
}

process.exitCode = await main();
