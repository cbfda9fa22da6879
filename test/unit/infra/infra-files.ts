import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

export { composeServices, type ComposeService, interpolated, ourImage } from '../../../scripts/compose-file.ts';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export function textOf(path: string): string {
  return readFileSync(root + path, 'utf8');
}

/** All files of a folder that end so, by their path from the root. */
export function filesIn(folder: string, ending: string): string[] {
  const names = readdirSync(root + folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
}

/** The one document of a YAML file, with its merges done. @throws where it is no YAML */
export function yamlOf(path: string): unknown {
  return parse(textOf(path), { merge: true }) as unknown;
}

/** Every document of a YAML file. @throws where one is no YAML */
export function documentsOf(path: string): unknown[] {
  return parseAllDocuments(textOf(path), { merge: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS() as unknown;
  });
}

/** The variables that the program reads itself, from its source. */
export function knownVariables(): ReadonlySet<string> {
  const [, schema = ''] =
    /const environment = z\.object\(\{(.*?)\n\}\);/su.exec(textOf('services/app/config.ts')) ?? [];
  return new Set([...schema.matchAll(/^ {2}([A-Z_]+):/gmu)].map(([, name = '']) => name));
}

/** Read by the client library of S3 and by Node. */
export const variablesOfOthers: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'NODE_OPTIONS',
]);
