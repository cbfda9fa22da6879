/**
 * `npm run demo:distributed [-- --once]`: the tour of `npm run demo` on Redis, Elasticsearch and S3 with Object Lock. Starts
 * the servers (containers where there is a Docker engine, else natively) and every process of docker-compose.yml, with its
 * command and its environment. Nothing is left behind.
 */
import { join } from 'node:path';
import { composeProcesses, type NativeProcess } from './demo/compose-processes.ts';
import { startOwnServers } from './demo/own-servers.ts';
import { introduce, type Making, runDemo, type Scene } from './demo/run-demo.ts';
import { type Service, Workshop } from './demo/workshop.ts';

await runDemo(async (making) => {
  const { stage, signal, parts } = making;
  stage.say('Starting Redis, Elasticsearch and an S3 server…');
  const servers = await startOwnServers(parts, (line) => stage.say(line));
  signal.throwIfAborted();
  const processesIn = (folder: string) => composeProcesses({ ...servers, folder: join(folder, 'var') });
  const environmentIn = (folder: string) => named('buckets', processesIn(folder)).environment;
  const workshop = parts.use(await Workshop.open(signal, environmentIn));
  await introduce({ stage }, workshop, `on ${servers.from}`);
  return await startProcesses(making, workshop, processesIn(workshop.folder));
});

/** The API first, which shows the token; then all others at once, as Compose does. */
async function startProcesses({ stage }: Making, workshop: Workshop, all: readonly NativeProcess[]): Promise<Scene> {
  const buckets = named('buckets', all);
  const made = await workshop.run(['muniment', ...buckets.words]);
  if (made.code !== 0) throw new Error(`The buckets were not made.\n${made.text}`);
  stage.output(made.text, 2);
  const serving = all.filter(({ words }) => words[0] === 'serve');
  const start = async ({ words, environment }: NativeProcess): Promise<Service> =>
    await workshop.serve(['muniment', ...words, '--json'], environment);
  stage.prompt('Each role is a process of its own, or several.', 'muniment serve --role api --json &');
  const api = await workshop.serve(['muniment', ...named('api', all).words, '--json'], named('api', all).environment);
  stage.output(api.announced, 1);
  const others = serving.filter(({ name }) => name !== 'api');
  for (const { words, name } of others) stage.say(`  muniment ${words.join(' ')} &    # ${name}`);
  const started = await Promise.all(others.map(start));
  return { workshop, api, ended: Promise.race([api, ...started].map(({ ended }) => ended)) };
}

function named(name: string, all: readonly NativeProcess[]): NativeProcess {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`docker-compose.yml has no process ${name}.`);
  return found;
}
