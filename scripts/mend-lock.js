/**
 * Adds to package-lock.json the optional platform packages that a registry mirror did not list, so that `npm ci`
 * works on every system. With --check it changes nothing and exits 1 when something is missing or an address crept in.
 * Plain JavaScript: it must run before anything is installed.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const packages = lock.packages;
const added = [];

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'wasm32', 'mips64el'];

/** A platform package names its system and processor: "@swc/core-linux-x64-gnu". */
function platformOf(name) {
  const words = name.split(/[-/]/u);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  return { ...(os.length > 0 && { os }), ...(cpu.length > 0 && { cpu }) };
}

for (const entry of Object.values({ ...packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (packages[path] !== undefined || !/^\d/u.test(version)) continue;
    packages[path] = { version, ...platformOf(name), optional: true, ...(entry.dev && { dev: true }) };
    added.push(`${name}@${version}`);
  }
}

const addresses = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined);
if (process.argv.includes('--check')) {
  for (const name of added) process.stderr.write(`package-lock.json lacks ${name}: run node scripts/mend-lock.js\n`);
  for (const [path] of addresses) process.stderr.write(`package-lock.json names an address for ${path}\n`);
  process.exitCode = added.length + addresses.length > 0 ? 1 : 0;
} else if (added.length > 0) {
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`added ${added.join(', ')}\n`);
}
