#!/usr/bin/env node
/**
 * Starts services/app/main.ts on a Node that runs TypeScript as it is: this one where it is new enough, else the one
 * that `npm ci` installed. Plain JavaScript for any Node from 20 on.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';

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

if (isNewEnough) await runHere();
else runOn(node);

/** In this very process, so that whoever signals or kills it reaches the program itself. */
async function runHere() {
  const print = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const listener of print) listener.call(process, warning);
  });
  process.argv[1] = main;
  module.enableCompileCache(compileCache);
  await import(pathToFileURL(main).href);
}

function runOn(newerNode) {
  const child = spawn(newerNode, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
  });
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
