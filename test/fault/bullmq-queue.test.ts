import { describe, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BullmqQueue, type BullmqQueueOptions } from '../../services/jobs/adapters/bullmq-queue.ts';
import type { JobHandler, JobQueue, WorkOptions } from '../../services/jobs/job-queue.ts';
import { describeVariant } from '../describe-variant.ts';
import { ownServer, type OwnServer } from '../servers.ts';

const options: WorkOptions = { batchSize: 16, concurrency: 2, attempts: 3, backoff: { firstMs: 1, maxMs: 10 } };
const workerProgram = fileURLToPath(new URL('job-worker.ts', import.meta.url));
const longMs = 180_000;

async function opened(url: string, more: Partial<BullmqQueueOptions> = {}): Promise<BullmqQueue> {
  return await BullmqQueue.open({ url, name: 'n', lockMs: 1000, pollMs: 200, ...more });
}

/** A handler that remembers what it has answered for. */
function remembering(): { readonly handled: Set<unknown>; readonly handler: JobHandler } {
  const handled = new Set<unknown>();
  const handler: JobHandler = async (batch) => {
    for (const { payload } of batch) handled.add(payload['n']);
    return await Promise.resolve(batch.map(({ payload }) => ({ ok: true, result: payload['n'] ?? null })));
  };
  return { handled, handler };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(10);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Submits as sources do: what was not answered for is asked for again. Returns the outcomes that were not ok. */
async function submitAll(queue: JobQueue, wanted: readonly number[], answered: (n: number) => void): Promise<string[]> {
  const errors: string[] = [];
  const lane = async (numbersOfLane: readonly number[]): Promise<void> => {
    for (let left = [...numbersOfLane]; left.length > 0;) {
      const some = left.slice(0, 40);
      const outcomes = await queue.submit(
        't',
        some.map((n) => ({ n })),
        { partition: String(some[0]) },
      );
      const done = some.filter((_, at) => outcomes[at]?.ok === true);
      for (const n of done) answered(n);
      for (const outcome of outcomes) if (!outcome.ok) errors.push(outcome.error);
      left = left.filter((n) => !done.includes(n));
    }
  };
  await Promise.all([0, 1, 2, 3].map(async (at) => await lane(wanted.filter((n) => n % 4 === at))));
  return errors;
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

/** Stands still until somebody has noticed. */
async function stopped(server: OwnServer, isNoticed: () => boolean): Promise<void> {
  process.kill(server.pid, 'SIGSTOP');
  try {
    await until(isNoticed);
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
}

async function unsubscribed(server: OwnServer): Promise<void> {
  const redis = new Redis(server.url);
  await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  redis.disconnect();
}

describeVariant('redis', 'BullmqQueue on a Redis with faults', () => {
  describe('nothing that was answered ok is lost, `submit` ends, and all goes on by itself', () => {
    test.each([
      ['when Redis is emptied', [], emptied],
      ['when Redis is killed and starts with what it had', ['--appendonly', 'yes'], restarted],
      ['when Redis is killed and starts empty', ['--appendonly', 'no'], restarted],
      ['when Redis stands still for some seconds', [], stopped],
      ['when the notices of outcomes are lost', [], unsubscribed],
    ] as const)(
      '%s',
      async (_what, args, disturb) => {
        await using server = await ownServer('redis', { args });
        const troubles: string[] = [];
        await using queue = await opened(server.url, { onTrouble: ({ code }) => void troubles.push(code) });
        await using other = await opened(server.url);
        const [here, there] = [remembering(), remembering()];
        await using _here = queue.work('t', here.handler, options);
        await using _there = other.work('t', there.handler, options);
        const answered: number[] = [];
        let disturbed: Promise<void> | undefined;
        await submitAll(queue, numbers(2000), (n) => {
          answered.push(n);
          if (answered.length < 400) return;
          disturbed ??= disturb(server, () => troubles.length > 0);
        });
        await disturbed;
        expect(new Set(answered).size).toBe(2000);
        expect(answered.filter((n) => !here.handled.has(n) && !there.handled.has(n))).toEqual([]);
        await queue.drain();
      },
      longMs,
    );
  });

  test('jobs that wait when Redis is emptied end as lost', async () => {
    await using server = await ownServer('redis');
    await using queue = await opened(server.url);
    const outcomes = queue.submit('t', [{ n: 1 }, { n: 2 }]);
    await until(async () => (await queue.counts('t')).waiting === 2);
    await emptied(server);
    expect(await outcomes).toEqual([
      expect.objectContaining({ ok: false, error: 'the queue lost it' }),
      expect.objectContaining({ ok: false, error: 'the queue lost it' }),
    ]);
  });

  test('a Redis that does not come back is given up, by those who wait and by those who come', async () => {
    await using server = await ownServer('redis');
    await using queue = await opened(server.url, { unreachableMs: 1000 });
    const outcomes = queue.submit('t', [{ n: 1 }]);
    await until(async () => (await queue.counts('t')).waiting === 1);
    await server.kill();
    expect(await outcomes).toEqual([
      expect.objectContaining({ ok: false, error: expect.stringContaining('could not be reached') }),
    ]);
    await expect(queue.submit('t', [{ n: 2 }])).rejects.toMatchObject({ code: 'queue-unreachable' });
  });

  test('who submits to a Redis that something else has filled waits, is told so, and goes on when there is room', async () => {
    await using server = await ownServer('redis', { args: ['--maxmemory', '8mb'] });
    const troubles = new Set<string>();
    await using queue = await opened(server.url, { onTrouble: ({ code }) => void troubles.add(code) });
    const { handler } = remembering();
    await using _worker = queue.work('t', handler, options);
    const redis = new Redis(server.url);
    await expect(filled(redis)).rejects.toThrow('OOM');
    let ended = false;
    const submitted = queue.submit('t', [{ n: 1 }]).finally(() => (ended = true));
    await until(() => troubles.has('queue-full'));
    expect(ended).toBe(false);
    await redis.flushall();
    redis.disconnect();
    expect(await submitted).toEqual([expect.objectContaining({ ok: true, result: 1 })]);
  });

  test(
    'a queue that has filled Redis leaves enough for its workers to empty it',
    async () => {
      await using server = await ownServer('redis', { args: ['--maxmemory', '8mb'] });
      const troubles = new Set<string>();
      await using queue = await opened(server.url, {
        waitingMax: 1_000_000,
        onTrouble: ({ code }) => void troubles.add(code),
      });
      const count = 12_000;
      const enqueued = queue.enqueue(
        't',
        numbers(count).map((n) => ({ n })),
      );
      await until(() => troubles.has('queue-full'));
      const { handled, handler } = remembering();
      await using _worker = queue.work('t', handler, { ...options, batchSize: 256 });
      await enqueued;
      await queue.drain();
      expect(handled.size).toBe(count);
    },
    longMs,
  );

  test('a Redis that evicts is refused; one that does not say is taken with a note', async () => {
    await using unsafe = await ownServer('redis', { args: ['--maxmemory-policy', 'allkeys-lru'] });
    await expect(opened(unsafe.url)).rejects.toMatchObject({
      code: 'unsafe-queue',
      remedy: expect.stringContaining('maxmemory-policy to noeviction'),
    });
    // The client library says for itself what it may not ask.
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await using silent = await ownServer('redis');
    const redis = new Redis(silent.url);
    await redis.acl('SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-info', '-config');
    redis.disconnect();
    const troubles: string[] = [];
    const url = silent.url.replace('redis://', 'redis://limited:secret@');
    await using queue = await opened(url, { onTrouble: ({ code }) => void troubles.push(code) });
    expect(troubles).toEqual(['unsafe-queue']);
    await using _worker = queue.work('t', remembering().handler, options);
    expect(await queue.submit('t', [{ n: 1 }])).toMatchObject([{ ok: true, result: 1 }]);
    warned.mockRestore();
  });

  describe('workers that are killed', () => {
    function worker(server: OwnServer): ChildProcess {
      return spawn(process.execPath, [workerProgram, server.url, 'n'], { stdio: ['ignore', 'pipe', 'inherit'] });
    }

    test(
      'what they ran is taken over by another',
      async () => {
        await using server = await ownServer('redis');
        await using queue = await opened(server.url, { lockMs: 600 });
        const killed = worker(server);
        const submitted = queue.submit(
          't',
          numbers(30).map((n) => ({ n, holds: true })),
        );
        await until(async () => (await queue.counts('t')).running === 20);
        const gone = once(killed, 'exit');
        killed.kill('SIGKILL');
        await gone;
        const { handled, handler } = remembering();
        await using _worker = queue.work('t', handler, options);
        expect((await submitted).filter(({ ok }) => !ok)).toEqual([]);
        expect(handled.size).toBe(30);
      },
      longMs,
    );

    test(
      'a job that kills its worker again and again ends as failed, and takes no other along',
      async () => {
        await using server = await ownServer('redis');
        await using queue = await opened(server.url, { lockMs: 600 });
        let deaths = 0;
        let current: ChildProcess | undefined;
        let over = false;
        const keepOneRunning = (): void => {
          current = worker(server);
          current.once('exit', () => {
            if (over) return;
            deaths += 1;
            keepOneRunning();
          });
        };
        keepOneRunning();
        try {
          const outcomes = await queue.submit(
            't',
            numbers(30).map((n) => ({ n, kills: n === 5 })),
          );
          expect(outcomes.filter(({ ok }) => !ok)).toEqual([outcomes[5]]);
          expect(outcomes[5]).toMatchObject({ ok: false, error: expect.stringContaining('again and again') });
          expect((await queue.failed('t')).map(({ payload }) => payload['n'])).toEqual([5]);
          expect(deaths).toBe(5);
        } finally {
          over = true;
          current?.kill('SIGKILL');
        }
      },
      longMs,
    );
  });
});

async function filled(redis: Redis): Promise<void> {
  for (let at = 0; ; at += 1) await redis.set(`filled-${at}`, Buffer.alloc(10_000));
}
