import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provision, type Say } from '../services/provision.ts';
import type { Recipe, ServerName } from '../services/recipe.ts';
import { recipes } from '../services/recipes.ts';
import { RunningServer } from '../services/running-server.ts';
import { chooseRecipes } from '../services/up.ts';

const names = ['s3', 'elasticsearch', 'redis'] as const satisfies readonly ServerName[];

export type OwnServerName = (typeof names)[number];

/** Servers of the demo's own, whose data go with them. */
export type OwnServers = Readonly<Record<OwnServerName, string>> & { readonly from: string };

/**
 * Starts Redis, Elasticsearch and an S3 server, in containers where there is a Docker engine, else by the native recipes.
 * @throws Error where one is missing and cannot be got, or does not start
 */
export async function startOwnServers(parts: AsyncDisposableStack, say: Say): Promise<OwnServers> {
  const chosen = chooseRecipes(names);
  const failures = await provision([...chosen.values()], { system: false, say });
  if (failures.size > 0) throw new Error('Servers are missing. Get them: npm run services -- install --install');
  const started = await Promise.allSettled([...chosen].map(([name, recipe]) => start(name, recipe)));
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const { server } of running) parts.use(server);
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  const url = (name: OwnServerName): string => running.find((one) => one.name === name)?.server.url ?? '';
  const from = [...chosen.values()].map(({ title }) => title).join(', ');
  return { s3: url('s3'), elasticsearch: url('elasticsearch'), redis: url('redis'), from };
}

async function start(name: ServerName, recipe: Recipe): Promise<{ name: ServerName; server: RunningServer }> {
  const folder = await mkdtemp(join(tmpdir(), `muniment-${name}-`));
  const isNative = recipe === recipes[name];
  const args = isNative ? (recipe.shortLife ?? []) : [];
  return { name, server: await RunningServer.start(recipe, { folder, throwAway: true, args }) };
}
