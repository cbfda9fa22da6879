/**
 * `node guard.ts LOG KEEP|FOLDER COMMAND ARGS…` runs a server and ends it as soon as its own standard input ends: that
 * happens when the process that started it is gone, whatever killed it; then it also removes the FOLDER. The first line it
 * prints is the server's pid.
 */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { commandPath } from '../command-path.ts';

const graceMs = 5_000;

const [log = '', folder = '', ...program] = process.argv.slice(2);
const output = openSync(log, 'a');
const [command = '', ...args] = [...endingWithThisProcess(), ...program];
// A standard input that ends with this process; Elasticsearch stops by itself then.
const server = spawn(command, args, { stdio: ['pipe', output, output] });
const ended = Promise.withResolvers<void>();
server.once('error', ended.reject);
server.once('exit', () => ended.resolve());

// Whoever would read it may be gone already: that shows on standard input.
process.stdout.on('error', () => undefined);
process.stdout.write(`${server.pid ?? 0}\n`);
for (const event of ['end', 'error'] as const) process.stdin.once(event, () => void endServer());
process.stdin.resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void endServer());

await ended.promise;
process.stdin.destroy();

/** Should this process be killed itself, then Linux kills the server. */
function endingWithThisProcess(): readonly string[] {
  const setpriv = process.platform === 'linux' ? commandPath('setpriv') : undefined;
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
}

async function endServer(): Promise<void> {
  server.kill('SIGTERM');
  // One that was stopped by SIGSTOP would not heed it.
  server.kill('SIGCONT');
  const late = setTimeout(() => server.kill('SIGKILL'), graceMs);
  await ended.promise;
  clearTimeout(late);
  if (folder !== 'KEEP') await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
