import { describe, expect, test } from '@jest/globals';
import { composeServices } from '../../../scripts/compose-file.ts';
import { composeProcesses } from '../../../scripts/demo/compose-processes.ts';
import { readConfig } from '../../../services/app/config.ts';
import { roles } from '../../../services/app/processes/role.ts';

const places = {
  s3: 'http://127.0.0.1:7001',
  elasticsearch: 'http://127.0.0.1:7002',
  redis: 'redis://127.0.0.1:7003',
  folder: '/throw-away',
};
const processes = composeProcesses(places);
const services = composeServices();

describe('the processes of docker-compose.yml, run on this machine', () => {
  test('are all of them, two workers and two committers', () => {
    const run = processes.flatMap(({ words }) => (words[0] === 'serve' ? (words[2] ?? '') : []));
    expect(new Set(run)).toEqual(new Set(roles));
    const count = (role: string) => run.filter((one) => one === role).length;
    expect([count('worker'), count('committer'), run.length]).toEqual([2, 2, 7]);
    expect(processes.map(({ name }) => name)).toEqual(expect.arrayContaining(['buckets', 'worker-1', 'worker-2']));
  });

  test.each(processes)(
    '$name has the environment of its service, and nothing in it leads into a container',
    (process) => {
      const { name, environment } = process;
      const service = services[name] ?? services[name.replace(/-\d+$/u, '')];
      const inCompose = Object.keys(service?.environment ?? {}).filter((variable) => variable !== 'COMMITTER_URL');
      expect(Object.keys(environment).sort()).toEqual(inCompose.sort());
      expect(JSON.stringify(environment)).not.toMatch(/object-storage|@|\/var\/lib|0\.0\.0\.0/u);
      const config = readConfig(environment);
      expect(config).toMatchObject({
        archive: { kind: 's3', endpoint: places.s3 },
        search: { kind: 'elasticsearch', node: `${places.elasticsearch}/` },
        queue: { kind: 'redis', url: `${places.redis}/0` },
        listen: { host: '127.0.0.1', port: 0 },
        committer: { host: '127.0.0.1', port: 0 },
        stateFolder: `/throw-away/state/${name}`,
        secretsFolder: '/throw-away/secrets',
      });
    },
  );
});
