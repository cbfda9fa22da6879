import { expect, test } from '@jest/globals';
import { elasticsearchProbes, examine, type ListedProbe, redisProbes } from '#verification';
import { readElasticsearchFacts } from '../../services/verification/adapters/elasticsearch-facts.ts';
import { readRedisFacts } from '../../services/verification/adapters/redis-facts.ts';
import { describeVariant } from '../describe-variant.ts';
import { ownServer, sharedServer } from '../servers.ts';

async function outcomesOf(probes: readonly ListedProbe[]): Promise<Readonly<Record<string, string>>> {
  const outcomes: Record<string, string> = {};
  for await (const { name, outcome } of examine(probes)) outcomes[name] = outcome;
  return outcomes;
}

describeVariant('redis', 'doctor on Redis', () => {
  const limit = ['--maxmemory', '64mb'];

  test('a Redis as it should be', async () => {
    await using server = await ownServer('redis', { args: limit });
    expect(await outcomesOf(redisProbes(async () => readRedisFacts(server.url)))).toEqual({
      'redis-version': 'passed',
      'redis-role': 'passed',
      'redis-eviction': 'passed',
      'redis-persistence': 'passed',
      'redis-memory': 'passed',
    });
  });

  test('one that evicts, keeps nothing and is a replica, and one that is away', async () => {
    const args = ['--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no', '--replicaof', '127.0.0.1', '9'];
    await using server = await ownServer('redis', { args });
    const probes = redisProbes(async () => readRedisFacts(server.url));
    expect(await outcomesOf(probes)).toEqual({
      'redis-version': 'passed',
      'redis-role': 'failed',
      'redis-eviction': 'failed',
      'redis-persistence': 'noted',
      'redis-memory': 'noted',
    });
    await server.kill();
    expect(new Set(Object.values(await outcomesOf(probes)))).toEqual(new Set(['undecided']));
  });

  test('one that is nearly full', async () => {
    await using server = await ownServer('redis', { args: ['--maxmemory', '1mb'] });
    expect(await outcomesOf(redisProbes(async () => readRedisFacts(server.url)))).toMatchObject({
      'redis-memory': 'failed',
    });
  });
});

describeVariant('elasticsearch', 'doctor on Elasticsearch', () => {
  test('a single node, which is well', async () => {
    const { url } = await sharedServer('elasticsearch');
    const facts = await readElasticsearchFacts({ url });
    expect(facts.settings.get('cluster.routing.allocation.disk.watermark.low')).toMatch(/\d/u);
    expect(facts.disks[0]?.totalBytes).toBeGreaterThan(facts.disks[0]?.freeBytes ?? Number.NaN);
    expect(await outcomesOf(elasticsearchProbes(async () => facts))).toMatchObject({
      'elasticsearch-version': 'passed',
      'elasticsearch-health': expect.stringMatching(/^(?:passed|noted)$/u),
      'elasticsearch-copies': 'noted',
    });
  });

  test('what is wrong with a cluster is told', async () => {
    const { url } = await sharedServer('elasticsearch');
    const facts = await readElasticsearchFacts({ url });
    const full = facts.disks.map((disk) => ({ ...disk, freeBytes: 0 }));
    const settings = new Map([...facts.settings, ['action.destructive_requires_name', 'false'] as const]);
    settings.set('cluster.routing.allocation.disk.threshold_enabled', 'true');
    const bad = { ...facts, settings, version: '8.19.0', health: 'red', dataNodes: 0, disks: full };
    expect(await outcomesOf(elasticsearchProbes(async () => bad))).toEqual({
      'elasticsearch-version': 'failed',
      'elasticsearch-health': 'failed',
      'elasticsearch-copies': 'failed',
      'elasticsearch-disks': 'failed',
      'elasticsearch-destruction': 'noted',
    });
  });

  test('one that is away is not said to be well', async () => {
    const away = elasticsearchProbes(async () => readElasticsearchFacts({ url: 'http://127.0.0.1:9' }));
    expect(new Set(Object.values(await outcomesOf(away)))).toEqual(new Set(['undecided']));
  });
});
