import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Announcement, askAnnounced } from './announcement.ts';
import { containerRecipe, hasDockerEngine } from './docker.ts';
import { serverFromEnvironment } from './environment.ts';
import { freePort, isFree } from './free-port.ts';
import { provision, type Say } from './provision.ts';
import { type Recipe, type ServerName, testServerCredentials } from './recipe.ts';
import { recipes } from './recipes.ts';
import { RunningServer } from './running-server.ts';

/** One line of the answer: a server, where it is, where it comes from. */
export interface ServerReport {
  readonly name: ServerName;
  readonly url?: string;
  readonly from: string;
}

export interface UpOptions {
  readonly system: boolean;
  readonly say: Say;
  readonly report: (line: ServerReport) => void;
}

/** Starts the servers that are not there already, and keeps them until a signal or `down`. Gives back the exit code. */
export async function bringUp(names: readonly ServerName[], options: UpOptions): Promise<number> {
  const missing: ServerName[] = [];
  for (const name of names) {
    const there = await alreadyThere(name);
    if (there === undefined) missing.push(name);
    else options.report({ name, ...there });
  }
  if (missing.length === 0) return 0;
  const chosen = chooseRecipes(missing);
  const failures = await provision([...chosen.values()], options);
  if (failures.size > 0) return 1;

  const interrupted = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.resolve());
  options.say('Ctrl-C stops what is started here. Its data go with it.');
  const codes = await Promise.all(
    [...chosen].map(async ([name, recipe]) => {
      try {
        return await keep(name, recipe, interrupted.promise, options);
      } catch (thrown) {
        options.say(`${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        interrupted.resolve();
        return 1;
      }
    }),
  );
  return Math.max(...codes);
}

async function alreadyThere(name: ServerName): Promise<{ readonly url: string; readonly from: string } | undefined> {
  const given = serverFromEnvironment(name);
  if (given !== undefined) return { url: given.url, from: `given by ${given.variable}` };
  const running = await askAnnounced(name);
  return running && { ...running, from: `up already: ${running.from}` };
}

/** For each server a container where there is a Docker engine and an image, else the native recipe. */
export function chooseRecipes(names: readonly ServerName[]): ReadonlyMap<ServerName, Recipe> {
  const hasEngine = hasDockerEngine();
  return new Map(
    names.map((name) => [name, (hasEngine ? containerRecipe(name, recipes[name]) : undefined) ?? recipes[name]]),
  );
}

/** From the start of one server to its end. Gives back 1 when it ended by itself. */
async function keep(
  name: ServerName,
  recipe: Recipe,
  interrupted: Promise<void>,
  { say, report }: UpOptions,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), `muniment-${name}-`));
  const port = (await isFree(recipe.usualPort)) ? recipe.usualPort : await freePort();
  await using server = await RunningServer.start(recipe, { folder, throwAway: true, port });
  const from = name.startsWith('s3') ? `${recipe.title}, ${credentialsInWords}` : recipe.title;
  const told = Promise.withResolvers<void>();
  await using _announcement = await Announcement.make(name, { url: server.url, from }, told.resolve);
  report({ name, url: server.url, from });
  const wanted = await Promise.race([
    interrupted.then(() => true),
    told.promise.then(() => true),
    server.ended().then(() => false),
  ]);
  if (!wanted) say(`${name} ended by itself`);
  // Before the announcement goes: who said `down` waits for that.
  await server[Symbol.asyncDispose]();
  return wanted ? 0 : 1;
}

const credentialsInWords = `access key ${testServerCredentials.accessKeyId}, secret key ${testServerCredentials.secretAccessKey}`;
