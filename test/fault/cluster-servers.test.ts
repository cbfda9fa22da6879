import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Cluster } from '../cluster.ts';
import { expectWhole } from '../cluster-checks.ts';
import { ClusterMail } from '../cluster-mail.ts';
import { endsInTime, mended } from '../mended.ts';
import { describeProfile, onServers } from '../profiles.ts';
import { randomFrom } from '../random-moments.ts';
import { soaking } from '../soak.ts';
import type { Treatment } from '../tcp-proxy.ts';

const timeoutMs = 400_000;
const awayMs = soaking ? 60_000 : 10_000;
const lettersPerFault = soaking ? 400 : 40;
const roles = {
  api: 'api',
  committer: 'committer',
  'worker-1': 'worker',
  'worker-2': 'worker',
  scheduler: 'scheduler',
};
/** One request in so many is treated badly. */
const share = 4;
const slowMs = 400;

const slowDown =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>said the proxy</Message></Error>';
const busy: Treatment = {
  answer:
    'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\n' +
    `Content-Length: ${slowDown.length}\r\nConnection: close\r\n\r\n${slowDown}`,
};

describeProfile(onServers, () => {
  let cluster: Cluster;
  let mail: ClusterMail;
  let redis: Redis;

  beforeAll(async () => {
    cluster = await Cluster.start({ roles });
    mail = await ClusterMail.open(cluster);
    redis = new Redis(cluster.servers.redis.url);
  }, timeoutMs);
  afterAll(async () => {
    redis.disconnect();
    await mail[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  }, timeoutMs);

  /** Something happens while mail comes in; mail comes in afterwards as well, and then all is whole. */
  async function underLoad(fault: () => Promise<void>): Promise<void> {
    mail.begin();
    await mail.more(lettersPerFault);
    await fault();
    await mail.more(lettersPerFault);
    await endsInTime('mail on its way', mail.end());
    await expectWhole(cluster, mail.acknowledged);
    expect(cluster.unexpectedEnds).toEqual([]);
  }

  /** While it is treated so, mail comes in all the same. */
  async function withS3(treat: (requestLine: string) => Promise<Treatment>): Promise<void> {
    cluster.s3Line.treat = treat;
    await mail.more(lettersPerFault);
    cluster.s3Line.treat = undefined;
  }

  test(
    'Redis is emptied, over and over',
    async () => {
      await underLoad(async () => {
        for (let round = 0; round < 5; round += 1) {
          await redis.flushall();
          await mail.more(1);
        }
      });
    },
    timeoutMs,
  );

  test(
    'Redis is full for a while',
    async () => {
      await underLoad(async () => {
        const refused = async (): Promise<number> =>
          Number(/errorstat_OOM:count=(\d+)/u.exec(await redis.info('errorstats'))?.[1] ?? 0);
        const before = await refused();
        await redis.config('SET', 'maxmemory', '1mb');
        await mended('Redis refuses what it has no room for', async () => (await refused()) > before + 20);
        await redis.config('SET', 'maxmemory', '0');
      });
    },
    timeoutMs,
  );

  test(
    `Elasticsearch is away for ${awayMs / 1000} s: mail is archived all the same, and no answer is silently partial`,
    async () => {
      await underLoad(async () => {
        await cluster.servers.elasticsearch.stop();
        const back = setTimeout(awayMs);
        await mail.more(lettersPerFault);
        const answer = await cluster.asked('search?q=letter');
        expect(answer.status === 200 ? await answer.json() : { complete: false }).toMatchObject({ complete: false });
        await back;
        await cluster.servers.elasticsearch.start();
      });
    },
    timeoutMs,
  );

  test(
    'S3 says to slow down, is slow, cuts connections, loses replies to what it has stored, and is away',
    async () => {
      const random = randomFrom(5);
      const sometimes = (treatment: Treatment) => async (): Promise<Treatment> =>
        await Promise.resolve(random() * share < 1 ? treatment : 'pass');
      await underLoad(async () => {
        await withS3(sometimes(busy));
        await withS3(async () => await setTimeout(random() * slowMs, 'pass' as const));
        await withS3(sometimes('cut'));
        await withS3(async (line) => (line.startsWith('PUT ') ? await sometimes('lose-reply')() : 'pass'));
        cluster.s3Line.treat = async () => await Promise.resolve('cut');
        await setTimeout(awayMs / 2);
        cluster.s3Line.treat = undefined;
      });
    },
    timeoutMs,
  );
});
