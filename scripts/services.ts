/**
 * `npm run services -- up|down|status|install [NAME…] [--install] [--json]`: real servers to develop with. For each it takes
 * the address that the environment gives, else a container where there is a Docker engine, else the native recipe.
 * `up` stays until Ctrl-C. Only `--install` lets it install packages into the system.
 */
import { parseArgs } from 'node:util';
import { askAnnounced } from './services/announcement.ts';
import { isReachable } from './services/answers.ts';
import { serverFromEnvironment } from './services/environment.ts';
import { provision } from './services/provision.ts';
import type { ServerName } from './services/recipe.ts';
import { isServerName, recipes, serverNames } from './services/recipes.ts';
import { bringUp, type ServerReport } from './services/up.ts';

const usage = `Usage: npm run services -- up|down|status|install [NAME…] [--install] [--json]
  up        starts the servers and stops them at Ctrl-C
  down      stops those of another up
  status    which are up, and where
  install   gets them, and starts nothing
NAME: ${serverNames.join(', ')}; without one: redis, elasticsearch, s3
--install   also installs Debian packages that are missing (as root)
--json      one JSON object a line`;

const usageCode = 64;
const usualNames: readonly ServerName[] = ['redis', 'elasticsearch', 's3'];

interface Options {
  readonly names: readonly ServerName[];
  readonly install: boolean;
  readonly json: boolean;
}

function report(json: boolean): (line: ServerReport) => void {
  return (line) => {
    const { name, url = '', from } = line;
    console.log(json ? JSON.stringify(line) : `${name.padEnd(14)} ${url.padEnd(24)} ${from}`);
  };
}

/** What happens goes to standard error: standard output is for what there is. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function up({ names, install, json }: Options): Promise<number> {
  return await bringUp(names, { system: install, say, report: report(json) });
}

async function down({ names, json }: Options): Promise<number> {
  for (const name of names) {
    const was = await askAnnounced(name, true);
    report(json)({ name, from: was === undefined ? 'was not up' : `stopped: ${was.from}` });
  }
  return 0;
}

async function status({ names, json }: Options): Promise<number> {
  for (const name of names) {
    const given = serverFromEnvironment(name);
    const running = await askAnnounced(name);
    if (given !== undefined) {
      const answer = (await isReachable(given.url)) ? '' : ', but nothing listens there';
      report(json)({ name, url: given.url, from: `given by ${given.variable}${answer}` });
    } else report(json)({ name, ...(running ?? { from: 'not up' }) });
  }
  return 0;
}

async function install({ names, install: system }: Options): Promise<number> {
  const wanted = names.filter((name) => serverFromEnvironment(name) === undefined).map((name) => recipes[name]);
  return (await provision(wanted, { system, say })).size === 0 ? 0 : 1;
}

const verbs = new Map([
  ['up', up],
  ['down', down],
  ['status', status],
  ['install', install],
]);

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { install: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const [verb = '', ...words] = positionals;
  const run = verbs.get(verb);
  const unknown = words.filter((word) => !isServerName(word));
  if (run === undefined || unknown.length > 0) {
    say([...unknown.map((word) => `There is no server called ${word}.`), usage].join('\n'));
    return usageCode;
  }
  const named = words.filter((word) => isServerName(word));
  return await run({ names: named.length > 0 ? named : usualNames, ...values });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  say(`services: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = 1;
}
