import { CommanderError } from 'commander';
import { stopwatch } from '#kernel';
import { commands } from './cli/commands.ts';
import { execute } from './cli/execute.ts';
import { TerminalIo } from './cli/io.ts';
import { faultOf, misunderstood, readerGone } from './cli/problem.ts';
import { parseTyped } from './cli/program.ts';
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
  // Reading stopped (`| head`): nobody is left to answer to.
  process.stdout.on('error', () => aborting.abort(readerGone));
  let io = new TerminalIo({ json: process.argv.includes('--json'), signal: aborting.signal, elapsed });
  try {
    const typed = await parseTyped(commands, process.argv.slice(2), version());
    if (typed === undefined) return 0;
    io = new TerminalIo({ json: typed.json, signal: aborting.signal, elapsed });
    return await execute(commands, typed, readConfig(process.env, typed.archive), io);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return misunderstood(thrown, io);
    return faultOf(thrown, io);
  } finally {
    io.end();
    for (const allClosed of lastResorts) allClosed();
  }
}

process.exitCode = await main();
