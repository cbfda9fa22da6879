/**
 * Installs what package-lock.json names, when node_modules is absent or older than the lock. Plain JavaScript for any
 * Node from 20 on: it runs before everything else.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.muniment-set-up`;
const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

if (!isStamped() && !isInstalled()) {
  process.stderr.write('Setting up: npm ci (once, about 20 seconds)\n');
  const npm = process.env.npm_execpath;
  const [command, ...args] = npm === undefined ? ['npm', 'ci'] : [process.execPath, npm, 'ci'];
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) {
    process.stderr.write('Set-up failed: npm ci did not finish. Check the network and run the command again.\n');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

function isStamped() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

/** Whether somebody ran `npm ci` by hand: npm notes what it has installed when it is done. */
function isInstalled() {
  const note = `${root}node_modules/.package-lock.json`;
  if (!existsSync(note)) return false;
  const [here, locked] = [note, `${root}package-lock.json`].map(
    (file) => JSON.parse(readFileSync(file, 'utf8')).packages,
  );
  const packages = Object.entries(locked).filter(([path, { optional }]) => path !== '' && optional !== true);
  return packages.every(([path, { version }]) => here[path]?.version === version);
}
