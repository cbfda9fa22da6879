import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { captureJob, collect, ParsingPool } from '#ingest';
import type { JobHandler } from '#jobs';
import { digestOf, FixedClock, stopwatch, systemClock } from '#kernel';
import { FilesystemLargeItems } from '../../services/ingest/adapters/filesystem-large-items.ts';
import { RedisSpool } from '../../services/ingest/adapters/redis-spool.ts';
import { BullmqQueue } from '../../services/jobs/adapters/bullmq-queue.ts';
import { spoolItem } from '../contract/spool.ts';
import { describeVariant } from '../describe-variant.ts';
import { folderSource } from '../folder-source.ts';
import { GatedArchive, MemoryMedium } from '../gated-archive.ts';
import { ownServer, type OwnServer } from '../servers.ts';
import { letter } from '../whole-archive.ts';

const longMs = 180_000;
const messagesOfSource = 40;
/** How long the spool keeps what nobody renews. */
const ttlMs = 20_000;

/** Letters that no other source has; every tenth is larger than what goes into Redis itself. */
function* lettersOf(source: number): Generator<Buffer> {
  for (let index = 0; index < messagesOfSource; index += 1)
    yield letter(source * 1000 + index, 'x'.repeat(index % 10 === 0 ? 60_000 : 500));
}

/** One process of several: a queue and a spool of its own, and a worker. */
class Member implements AsyncDisposable {
  readonly queue: BullmqQueue;
  readonly spool: RedisSpool;

  private constructor(queue: BullmqQueue, spool: RedisSpool) {
    this.queue = queue;
    this.spool = spool;
  }

  static async open(server: OwnServer, folder: string, archive: GatedArchive): Promise<Member> {
    const { url } = server;
    const largeItems = new FilesystemLargeItems({ folder, clock: systemClock });
    const queue = await BullmqQueue.open({ url, name: 'n', lockMs: 1000, pollMs: 200 });
    const spool = new RedisSpool({ url, name: 'n', bytesMax: 8000, inlineBytesMax: 20_000, largeItems, ttlMs });
    queue.work(captureJob, capturing(spool, archive), {
      batchSize: 8,
      concurrency: 2,
      attempts: 3,
      backoff: { firstMs: 1, maxMs: 10 },
    });
    return new Member(queue, spool);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue[Symbol.asyncDispose]();
    await this.spool[Symbol.asyncDispose]();
  }
}

/** As a worker does it: what the spool has of the batch is captured. */
function capturing(spool: RedisSpool, archive: GatedArchive): JobHandler {
  return async (batch) => {
    const items = await Promise.all(
      batch.map(async ({ payload: { key } }) => await spool.get(typeof key === 'string' ? key : '')),
    );
    const positions: number[] = [];
    const present = items.flatMap((item, at) => {
      if (item === undefined) return [];
      positions.push(at);
      const { digest, content, place } = item;
      const bytes = 'bytes' in content ? content.bytes : readFileSync(content.file);
      expect(digestOf(bytes)).toBe(digest);
      return [{ bytes, custodian: place.custodian, path: place.path ?? '' }];
    });
    const outcomes = await archive.capture(present);
    const byPosition = new Map(positions.map((at, index) => [at, outcomes[index]]));
    return items.map((_, at) => {
      const result = byPosition.get(at);
      return result === undefined
        ? { ok: false, error: 'the spool no longer has it', final: true }
        : { ok: true, result };
    });
  };
}

async function emptied(server: OwnServer): Promise<void> {
  const redis = new Redis(server.url);
  await redis.flushall();
  redis.disconnect();
}

async function restarted(server: OwnServer): Promise<void> {
  await server.kill();
  await server.start();
}

/** Items that nobody renews are struck off by whoever puts something when their time is up. */
async function expectEmpty(spool: RedisSpool, withinMs: number): Promise<void> {
  const elapsed = stopwatch();
  while ((await spool.heldBytes()) > 0 && elapsed() < withinMs) {
    await pause(500);
    await spool.drop(await spool.put(spoolItem(1)));
  }
  expect(await spool.heldBytes()).toBe(0);
}

describeVariant('redis', 'collecting through Redis, by several processes', () => {
  test.each([
    ['ends, however small the spool that they share', [], async () => await Promise.resolve(), 0],
    ['loses nothing when Redis is emptied', [], emptied, 0],
    // It may have forgotten, or not have heard, that something was dropped.
    ['loses nothing when Redis is killed and starts with what it had', ['--appendonly', 'yes'], restarted, 2 * ttlMs],
    ['loses nothing when Redis is killed and starts empty', ['--appendonly', 'no'], restarted, 0],
  ] as const)(
    '%s',
    async (_what, args, disturb, emptyWithinMs) => {
      const folder = await mkdtemp(join(tmpdir(), 'muniment-collect-'));
      try {
        await using server = await ownServer('redis', { args });
        await using pool = new ParsingPool(1);
        const archive = await GatedArchive.open(new MemoryMedium(), pool);
        await using here = await Member.open(server, folder, archive);
        await using there = await Member.open(server, folder, archive);
        const clock = new FixedClock(Date.UTC(2026, 0, 5));
        let disturbed: Promise<void> | undefined;
        const onShow = async (index: number): Promise<void> => {
          if (index === messagesOfSource / 2) disturbed ??= disturb(server);
          await disturbed;
        };
        const run = async (number: number) => {
          const { queue, spool } = number % 2 === 0 ? here : there;
          const parts = { recorder: archive.recorder, queue, spool, clock };
          const source = folderSource(`source-${number}`, { messages: lettersOf(number), onShow });
          return await collect(parts, source, { signal: new AbortController().signal });
        };
        const numbers = [0, 1, 2, 3];
        await Promise.all(numbers.map(run));
        await disturbed;
        const again = await Promise.all(numbers.map(run));
        for (const { found, captured, alreadyArchived, failures } of again) {
          expect(failures).toEqual([]);
          expect([found, captured + alreadyArchived]).toEqual([messagesOfSource, messagesOfSource]);
        }
        expect(archive.catalog.messages.totals().messages).toBe(numbers.length * messagesOfSource);
        expect(await archive.findings()).toEqual([]);
        await expectEmpty(here.spool, emptyWithinMs);
        expect(await readdir(folder)).toEqual([]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    longMs,
  );
});
