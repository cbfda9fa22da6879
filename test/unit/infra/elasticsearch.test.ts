import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { IndexNames } from '../../../services/search/adapters/elasticsearch/index-names.ts';
import { filesIn, textOf } from './infra-files.ts';

const apiKey = z.strictObject({
  name: z.string(),
  role_descriptors: z.strictObject({
    muniment: z.strictObject({
      cluster: z.array(z.string()),
      indices: z.tuple([z.strictObject({ names: z.array(z.string()), privileges: z.array(z.string()) })]),
    }),
  }),
});

const { cluster, indices } = apiKey.parse(JSON.parse(textOf('infra/elasticsearch/api-key.json'))).role_descriptors
  .muniment;
const rows = [...textOf('infra/elasticsearch/README.md').matchAll(/^\| (`.*`.*?) +\| `(\w+)` on the (\w+)/gmu)].map(
  ([, requests = '', privilege = '', on = '']) => ({
    requests: [...requests.matchAll(/`([\w.]+)`/gu)].map(([, name = '']) => name).filter((name) => name !== 'doctor'),
    privilege,
    on,
  }),
);

describe('the API key for Elasticsearch', () => {
  test('every request that the program makes is in the table, and no other', () => {
    const sources = ['services/search/adapters', 'services/verification/adapters'].flatMap((folder) =>
      filesIn(folder, '.ts'),
    );
    const made = sources.flatMap((file) =>
      [...textOf(file).matchAll(/\bclient\.((?:\w+\.)?\w+)\(/gu)].map(([, name = '']) => name),
    );
    expect(made).toEqual(expect.arrayContaining(['bulk', 'indices.create', 'cluster.health']));
    const requests = new Set(made.filter((name) => name !== 'close'));
    expect(new Set(rows.flatMap((row) => row.requests))).toEqual(requests);
  });

  test('has the privileges of the table, and no other', () => {
    const named = (on: string) => new Set(rows.filter((row) => row.on === on).map(({ privilege }) => privilege));
    expect(named('cluster')).toEqual(new Set(cluster));
    expect(named('indices')).toEqual(new Set(indices[0].privileges));
  });

  test('reaches every name of the archive’s indices, and none of another one', () => {
    const names = new IndexNames('muniment');
    const all = [names.alias, names.state, names.template, `${names.template}-g1-000000`];
    const isReached = (name: string) =>
      indices[0].names.some((one) => one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))));
    expect(all.filter((name) => !isReached(name))).toEqual([]);
    expect(isReached('another-state')).toBe(false);
    const compose = textOf('docker-compose.yml');
    expect(compose).toMatch(/SEARCH_URL: '.*\/muniment'/u);
  });
});
