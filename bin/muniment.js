#!/usr/bin/env node
/**
 * Starts services/app/main.ts on a Node that runs TypeScript as it is: this one where it is new enough, else the one
 * that `npm ci` installed. Plain JavaScript for any Node from 20 on.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
/** sysexits.h EX_UNAVAILABLE: a service this program needs is missing. */
const EXIT_UNAVAILABLE = 69;

const root = fileURLToPath(new URL('..', import.meta.url));
const main = `${root}services/app/main.ts`;
const ownNode = `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
/** Halves the time to start. Not among the temporary files: nobody else may write what is run here. */
const compileCache = `${root}node_modules/.cache/muniment`;
const isNewEnough = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
const node = isNewEnough ? process.execPath : ownNode;

if (!existsSync(`${root}node_modules/zod`) || !existsSync(node)) {
  process.stderr.write(
    `muniment is not set up yet. Run "npm ci" in ${root} and try again, or "npm run demo" to see it work.\n`,
  );
  process.exit(EXIT_UNAVAILABLE);
}

const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  // What is worked on is short-lived. Megabytes; the default of 64 costs 70 MB of memory and saves no time.
  '--max-semi-space-size=8',
];
const programArgs = [...nodeFlags, main, ...process.argv.slice(2)];
const env = { NODE_COMPILE_CACHE: compileCache, ...process.env };

// In this very process where the system can, so that whoever signals or kills it reaches the program itself.
if (isNewEnough && process.execve !== undefined) process.execve(node, [node, ...programArgs], env);
else runOn(node);

function runOn(newerNode) {
  // The channel tells the program when this process is gone, however it went.
  const child = spawn(newerNode, programArgs, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  // Ctrl-C in a terminal reaches both of us; a supervisor's signal only us. The child decides how to end.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !hasTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`muniment could not start ${newerNode}: ${error.message}. Run "npm ci" in ${root}.\n`);
    process.exit(EXIT_UNAVAILABLE);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
  });
}
