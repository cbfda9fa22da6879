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
const ownNode = `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
const isNewEnough = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
const node = isNewEnough ? process.execPath : ownNode;

if (!existsSync(`${root}node_modules/zod`) || !existsSync(node)) {
  process.stderr.write(
    `muniment is not set up yet. Run "npm ci" in ${root} and try again, or "npm run demo" to see it work.\n`,
  );
  process.exit(EXIT_UNAVAILABLE);
}

const child = spawn(
  node,
  ['--disable-warning=ExperimentalWarning', `${root}services/app/main.ts`, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);

// A terminal sends Ctrl-C to both of us; a supervisor only to us. The child decides how to end, and we follow it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}

child.on('error', (error) => {
  process.stderr.write(`muniment could not start ${node}: ${error.message}. Run "npm ci" in ${root} and try again.\n`);
  process.exit(EXIT_UNAVAILABLE);
});

child.on('exit', (code, signal) => {
  process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
});
