import { commandPath } from '../command-path.ts';
import { ceph } from './ceph.ts';
import { elasticsearch } from './elasticsearch.ts';
import { minio } from './minio.ts';
import type { Recipe, ServerName, SystemCommand } from './recipe.ts';
import { redis } from './redis.ts';
import { versity } from './versity.ts';

export const recipes: Readonly<Record<ServerName, Recipe>> = {
  s3: minio,
  's3-versity': versity,
  's3-ceph': ceph,
  redis,
  elasticsearch,
};

export const serverNames: readonly ServerName[] = ['redis', 'elasticsearch', 's3', 's3-versity', 's3-ceph'];

export function isServerName(name: string): name is ServerName {
  return Object.hasOwn(recipes, name);
}

/** Commands that getting the server takes and that are not here. */
export function missingCommands(recipe: Recipe): readonly SystemCommand[] {
  return recipe.needs.filter(({ command }) => commandPath(command) === undefined);
}

/** Why the server cannot be started here, and what to do; undefined when it can. */
export function notInstalled(name: ServerName): string | undefined {
  if (recipes[name].isInstalled()) return undefined;
  const system = missingCommands(recipes[name]).some(({ debian }) => debian !== undefined) ? ' --install' : '';
  return `not installed: npm run services -- install ${name}${system}`;
}
