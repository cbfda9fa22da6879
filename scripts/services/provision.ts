import { commandPath } from '../command-path.ts';
import { installPackages } from './debian.ts';
import type { Recipe } from './recipe.ts';
import { missingCommands } from './recipes.ts';

/** Says what happens, for a person to read. */
export type Say = (line: string) => void;

export interface ProvisionOptions {
  /** Whether Debian packages that are missing may be installed into the system. */
  readonly system: boolean;
  readonly say: Say;
}

/**
 * Gets servers onto this machine, all that it can, at the same time: some wait for the network, others for the processor.
 * Gives back the recipes that failed, and why.
 */
export async function provision(
  recipes: readonly Recipe[],
  { system, say }: ProvisionOptions,
): Promise<ReadonlyMap<Recipe, string>> {
  const absent = recipes.filter((recipe) => !recipe.isInstalled());
  for (const { title } of recipes.filter((recipe) => !absent.includes(recipe))) say(`${title} is here`);
  const refused = system ? await problemOf(installCommands(absent, say)) : undefined;
  const failures = new Map<Recipe, string>();
  const get = async (recipe: Recipe): Promise<void> => {
    const problem = await problemOf(provisionOne(recipe, say));
    if (problem === undefined) return;
    failures.set(recipe, [problem, refused ?? []].flat().join('\n'));
    say(`FAILED  ${recipe.title}: ${failures.get(recipe)}`);
  };
  await Promise.all(absent.map(get));
  return failures;
}

async function installCommands(absent: readonly Recipe[], say: Say): Promise<void> {
  const missing = absent.flatMap((recipe) => missingCommands(recipe));
  const packages = new Set(missing.flatMap(({ debian }) => debian ?? []));
  if (packages.size === 0) return;
  const names = [...packages].join(', ');
  const startedAt = performance.now();
  say(`installing ${names} by apt-get`);
  await installPackages([...packages]);
  say(`installed ${names} in ${secondsSince(startedAt)}`);
}

async function provisionOne(recipe: Recipe, say: Say): Promise<void> {
  const missing = missingCommands(recipe);
  if (missing.length > 0) throw new Error(missing.map((one) => whatToDo(one.command, one.debian)).join('\n'));
  if (recipe.isInstalled()) return;
  const startedAt = performance.now();
  say(`installing ${recipe.title}`);
  await recipe.install();
  say(`installed ${recipe.title} in ${secondsSince(startedAt)}`);
}

function whatToDo(command: string, debian: string | undefined): string {
  if (debian !== undefined && commandPath('apt-get') !== undefined) {
    return `it needs ${command}: run this again as root with --install, or apt-get install ${debian}`;
  }
  if (command === 'go') return 'it is built with Go: install a current one from https://go.dev/dl';
  return `it needs the command ${command}, which is not on the path`;
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
}

async function problemOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
