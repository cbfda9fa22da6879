import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

const file = fileURLToPath(new URL('../docker-compose.yml', import.meta.url));

const composeService = z.looseObject({
  image: z.string(),
  user: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()),
  healthcheck: z.looseObject({}).optional(),
  pids_limit: z.number(),
  deploy: z.looseObject({
    replicas: z.number().default(1),
    resources: z.looseObject({ limits: z.object({ cpus: z.string(), memory: z.string() }) }),
  }),
});

export type ComposeService = z.infer<typeof composeService>;

/** Servers have the commands of their images where they give none. */
export function composeServices(): Readonly<Record<string, ComposeService>> {
  const document = parse(readFileSync(file, 'utf8'), { merge: true }) as unknown;
  const { services } = z.looseObject({ services: z.record(z.string(), z.looseObject({})) }).parse(document);
  const entries = Object.entries(services).map(([name, service]) => {
    return [name, composeService.parse({ command: [], ...service })] as const;
  });
  return Object.fromEntries(entries);
}

export const ourImage = 'muniment:local';

/** What is to be set in `.env`, put into a text as Compose does it. */
export function interpolated(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([?-])([^}]*))?\}/gu, (_, name: string, kind?: string, rest = '') => {
    const value = values[name] ?? (kind === '-' ? String(rest) : undefined);
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  });
}
