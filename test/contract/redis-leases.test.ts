import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { newId } from '#kernel';
import { RedisLeases } from '../../services/jobs/adapters/redis-leases.ts';
import { describeVariant } from '../describe-variant.ts';
import { ownServer, sharedServer } from '../servers.ts';
import { leasesContract } from './leases.ts';

describeVariant('redis', 'RedisLeases', () => {
  leasesContract('RedisLeases', async () => {
    const { url } = await sharedServer('redis');
    const name = newId();
    return [new RedisLeases({ url, name }), new RedisLeases({ url, name })];
  });

  test('a Redis that is gone ends the lease in time, and says so to those who ask', async () => {
    await using server = await ownServer('redis');
    await using leases = new RedisLeases({ url: server.url, name: 'n' });
    const lease = await leases.take('n', { ttlMs: 1000 });
    if (lease === undefined) throw new Error('the lease was not free');
    const lost = once(lease.lost, 'abort');
    await server.kill();
    await lost;
    expect(lease.held).toBe(false);
    await expect(leases.take('n', { ttlMs: 1000 })).rejects.toMatchObject({ code: 'queue-unreachable' });
    await expect(leases.holder('n')).rejects.toMatchObject({ code: 'queue-unreachable' });
  });

  test('a Redis that was emptied ends the lease; it can be taken again', async () => {
    await using server = await ownServer('redis', { args: ['--appendonly', 'no'] });
    await using leases = new RedisLeases({ url: server.url, name: 'n' });
    const lease = await leases.take('n', { ttlMs: 1000 });
    if (lease === undefined) throw new Error('the lease was not free');
    const lost = once(lease.lost, 'abort');
    await server.kill();
    await server.start();
    await lost;
    let again = undefined;
    // One that was asked for while the connection came back may be too old when it is given: it falls free by itself.
    while (again?.held !== true) again = await leases.take('n', { ttlMs: 1000 }).catch(() => undefined);
    expect(again.held).toBe(true);
  });
});
