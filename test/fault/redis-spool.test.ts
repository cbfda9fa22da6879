import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '#kernel';
import { FilesystemLargeItems } from '../../services/ingest/adapters/filesystem-large-items.ts';
import { RedisSpool, type RedisSpoolOptions } from '../../services/ingest/adapters/redis-spool.ts';
import { spoolItem } from '../contract/spool.ts';
import { describeVariant } from '../describe-variant.ts';
import { ownServer, type OwnServer } from '../servers.ts';

async function withSpool(
  server: OwnServer,
  options: Partial<RedisSpoolOptions>,
  act: (spool: RedisSpool, troubles: ReadonlySet<string>) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-spool-'));
  const troubles = new Set<string>();
  try {
    const largeItems = new FilesystemLargeItems({ folder, clock: systemClock });
    await using spool = new RedisSpool({
      url: server.url,
      name: 'n',
      bytesMax: 64 * 1024 * 1024,
      largeItems,
      onTrouble: ({ code }) => void troubles.add(code),
      ...options,
    });
    await act(spool, troubles);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(10);
}

describeVariant('redis', 'RedisSpool on a Redis with faults', () => {
  test('a full Redis makes those who put wait, whatever the spool may hold, and leaves room for the queue', async () => {
    await using server = await ownServer('redis', { args: ['--maxmemory', '8mb'] });
    await withSpool(server, {}, async (spool, troubles) => {
      const keys: string[] = [];
      let waits = false;
      const filling = (async () => {
        while (keys.length < 200)
          keys.push(await spool.put(spoolItem(100_000), { beforeWaiting: () => (waits = true) }));
      })();
      await until(() => waits && troubles.has('spool-full'));
      const redis = new Redis(server.url);
      expect(await redis.set('the queue can still write', 'x')).toBe('OK');
      redis.disconnect();
      while (keys.length < 200) for (const key of keys) await spool.drop(key);
      await filling;
    });
  });

  test('goes on by itself after Redis was killed; what it lost is as if it had been dropped', async () => {
    await using server = await ownServer('redis', { args: ['--appendonly', 'no'] });
    await withSpool(server, {}, async (spool) => {
      const lost = await spool.put(spoolItem(100));
      const large = await spool.put(spoolItem(2_000_000));
      await server.kill();
      const put = spool.put(spoolItem(100));
      const got = spool.get(lost);
      await server.start();
      expect(await spool.get(await put)).toEqual(spoolItem(100));
      expect(await got).toBeUndefined();
      expect(await spool.get(large)).toBeUndefined();
      await spool.drop(large);
    });
  });

  test('a Redis that does not come back is given up, and closing does not wait for it', async () => {
    await using server = await ownServer('redis');
    await withSpool(server, { unreachableMs: 500 }, async (spool) => {
      const key = await spool.put(spoolItem(100));
      await server.kill();
      await expect(spool.put(spoolItem(100))).rejects.toMatchObject({ code: 'spool-unreachable' });
      await expect(spool.get(key)).rejects.toMatchObject({ code: 'spool-unreachable' });
      await spool.drop(key);
    });
  });
});
