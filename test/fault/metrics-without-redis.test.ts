import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openDeployment } from '../../services/app/compose.ts';
import { readConfig } from '../../services/app/config.ts';
import { metricsOf } from '../../services/app/processes/figures.ts';
import { describeVariant } from '../describe-variant.ts';
import { ownServer } from '../servers.ts';
import { TemporaryFolder } from '../whole-archive.ts';

describeVariant('redis', 'figures of a process whose Redis dies', () => {
  test('are left out while it is away, beside all others, and come back with it', async () => {
    await using redis = await ownServer('redis');
    await using folder = await TemporaryFolder.make();
    const config = readConfig({ QUEUE_URL: `${redis.url}/0`, LISTEN_PORT: '0' }, join(folder.path, 'archive'));
    await using deployment = await openDeployment(config, { create: true });
    const { registry } = metricsOf(deployment, true);
    const reachable = (server: string, is: number) => `muniment_server_reachable{server="${server}"} ${is}\n`;

    const before = await registry.metrics();
    for (const server of ['queue', 'spool', 'index']) expect(before).toContain(reachable(server, 1));
    expect(before).toContain('muniment_capture_jobs{state="dead"} 0\n');

    await redis.kill();
    const during = await registry.metrics();
    for (const server of ['queue', 'spool']) expect(during).toContain(reachable(server, 0));
    expect(during).toContain(reachable('index', 1));
    expect(during).toContain('muniment_ledger_entries ');
    expect(during).not.toContain('muniment_capture_jobs{');
    expect(during).not.toMatch(/^muniment_spool_bytes /mu);

    await redis.start();
    const isBack = async () => {
      const now = await registry.metrics();
      return now.includes(reachable('queue', 1)) && now.includes(reachable('spool', 1));
    };
    while (!(await isBack())) await setTimeout(50);
    expect(await registry.metrics()).toContain('muniment_capture_jobs{state="dead"} 0\n');
  });
});
