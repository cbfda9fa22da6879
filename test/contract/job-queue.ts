import { describe, expect, test } from '@jest/globals';
import type { Job, JobAnswer, JobHandler, JobPayload, JobQueue, WorkOptions } from '../../services/jobs/job-queue.ts';

const options: WorkOptions = { batchSize: 10, concurrency: 1, attempts: 3, backoff: { firstMs: 1, maxMs: 4 } };

/** A handler that does one thing for each job of a batch. */
function each(answer: (job: Job) => JobAnswer | Promise<JobAnswer>): JobHandler {
  return async (batch) => await Promise.all(batch.map(async (job) => await answer(job)));
}

const done = each((job) => ({ ok: true, result: job.payload['n'] ?? null }));

function payloads(count: number): { n: number }[] {
  return Array.from({ length: count }, (_, n) => ({ n }));
}

/** A promise that a test fulfils. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return await Promise.race([settled, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
}

/** The duties of every job queue. @param open makes one whose length limit is `waitingMax` */
export function jobQueueContract(name: string, open: (waitingMax: number) => Promise<JobQueue>): void {
  describe(`${name} is a job queue`, () => {
    test('outcomes come in the order of the payloads, each job once', async () => {
      await using queue = await open(1000);
      await using _worker = queue.work('t', done, options);
      const outcomes = await queue.submit('t', payloads(35));
      expect(outcomes.map((outcome) => outcome.ok && outcome.result)).toEqual(payloads(35).map(({ n }) => n));
      expect(new Set(outcomes.map(({ id }) => id)).size).toBe(35);
    });

    test('a handler gets as many jobs as it can take, and runs no more often at once than allowed', async () => {
      await using queue = await open(1000);
      const sizes: number[] = [];
      let running = 0;
      let runningMax = 0;
      const handler: JobHandler = async (batch) => {
        sizes.push(batch.length);
        running += 1;
        runningMax = Math.max(runningMax, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return batch.map(() => ({ ok: true, result: null }));
      };
      const submitted = queue.submit('t', payloads(100));
      await using _worker = queue.work('t', handler, { ...options, concurrency: 2 });
      await submitted;
      expect(Math.max(...sizes)).toBe(10);
      expect(runningMax).toBe(2);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(100);
    });

    test('a failed job is tried again, alone, until its attempts are used up; then it is kept', async () => {
      await using queue = await open(1000);
      const attempts = new Map<unknown, number[]>();
      const handler = each(({ payload, attempt }) => {
        attempts.set(payload['n'], [...(attempts.get(payload['n']) ?? []), attempt]);
        const fails = payload['n'] === 2 || (payload['n'] === 1 && attempt < 3);
        return fails ? { ok: false, error: 'not now' } : { ok: true, result: 'fine' };
      });
      await using _worker = queue.work('t', handler, options);
      const outcomes = await queue.submit('t', payloads(3));
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false]);
      expect(outcomes[2]).toMatchObject({ error: 'not now', attempts: 3 });
      expect([...attempts.values()]).toEqual([[1], [1, 2, 3], [1, 2, 3]]);
      expect(await queue.failed('t')).toEqual([
        expect.objectContaining({ id: outcomes[2]?.id, payload: { n: 2 }, error: 'not now' }),
      ]);
    });

    test('a handler that throws fails its batch; `final` ends a job at once', async () => {
      await using queue = await open(1000);
      let calls = 0;
      const handler: JobHandler = async (batch) => {
        calls += 1;
        if (calls === 1) throw new Error('broken');
        return await Promise.resolve(batch.map(() => ({ ok: false, error: 'never', final: true })));
      };
      await using _worker = queue.work('t', handler, options);
      expect(await queue.submit('t', payloads(1))).toEqual([
        expect.objectContaining({ ok: false, error: 'never', attempts: 2 }),
      ]);
    });

    test('a failed job can be retried with all its attempts, or dismissed', async () => {
      await using queue = await open(1000);
      let broken = true;
      const handler = each(() => (broken ? { ok: false, error: 'broken' } : { ok: true, result: null }));
      await using _worker = queue.work('t', handler, { ...options, attempts: 1 });
      const [first, second] = await queue.submit('t', payloads(2));
      if (first === undefined || second === undefined) throw new Error('two outcomes');
      broken = false;
      expect(await queue.retry([first.id, 'unknown'])).toBe(1);
      await queue.drain();
      expect((await queue.failed('t')).map(({ id }) => id)).toEqual([second.id]);
      expect(await queue.dismiss([second.id])).toBe(1);
      expect(await queue.counts('t')).toEqual({ waiting: 0, delayed: 0, running: 0, failed: 0 });
    });

    test('partitions take turns, each in its own order', async () => {
      await using queue = await open(1000);
      const order: string[] = [];
      await queue.enqueue('t', payloads(50), { partition: 'many' });
      await queue.enqueue('t', payloads(3), { partition: 'few' });
      const handler = each(({ partition, payload }) => {
        order.push(`${partition}${JSON.stringify(payload['n'])}`);
        return { ok: true, result: null };
      });
      await using _worker = queue.work('t', handler, { ...options, batchSize: 1 });
      await queue.drain();
      expect(order.indexOf('few2')).toBeLessThan(8);
      expect(order.filter((one) => one.startsWith('many'))).toEqual(payloads(50).map(({ n }) => `many${n}`));
    });

    test('a delayed job does not start before its time, others pass it', async () => {
      await using queue = await open(1000);
      const order: unknown[] = [];
      const handler = each(({ payload }) => {
        order.push(payload['n']);
        return { ok: true, result: null };
      });
      await using _worker = queue.work('t', handler, options);
      const delayed = queue.submit('t', [{ n: 'late' }], { delayMs: 2000 });
      await queue.submit('t', [{ n: 'early' }]);
      expect(await queue.counts('t')).toMatchObject({ delayed: 1 });
      await delayed;
      expect(order).toEqual(['early', 'late']);
    });

    test('a full queue makes those who submit wait, and stops waiting with the signal', async () => {
      await using queue = await open(5);
      await queue.enqueue('t', payloads(5));
      const more = queue.enqueue('t', payloads(3));
      const stop = new AbortController();
      const stopped = queue.enqueue('t', payloads(1), { signal: stop.signal });
      expect(await isSettled(more)).toBe(false);
      const reason = new Error('stop');
      stop.abort(reason);
      await expect(stopped).rejects.toBe(reason);
      await using _worker = queue.work('t', done, options);
      expect(await more).toHaveLength(3);
      await queue.drain();
    });

    test('types do not hinder each other', async () => {
      await using queue = await open(2);
      await queue.enqueue('blocked', payloads(2));
      await using _worker = queue.work('t', done, options);
      expect(await queue.submit('t', payloads(10))).toHaveLength(10);
    });

    test.each([
      ['a Buffer', { key: Buffer.from('x') }],
      ['a date', { at: new Date(0) }],
      ['a function', { run: () => 1 }],
      ['undefined', { nothing: undefined }],
      ['NaN', { n: Number.NaN }],
      ['more than 4 KB', { text: 'x'.repeat(4096) }],
    ])('a payload with %s is refused, and none of its company is taken', async (_what, payload) => {
      await using queue = await open(1000);
      // The types forbid most of these; a caller's data may hold them all the same.
      const member: string = 'payload';
      const wrong: JobPayload = Reflect.get({ payload }, member);
      await expect(queue.enqueue('t', [{ n: 1 }, wrong])).rejects.toMatchObject({ code: 'payload-refused' });
      expect(await queue.counts('t')).toMatchObject({ waiting: 0 });
    });

    test('a handler cannot reach the submitter’s objects', async () => {
      await using queue = await open(1000);
      const payload = { key: { of: ['a'] } };
      let got: unknown;
      await using _worker = queue.work(
        't',
        each((job) => ({ ok: true, result: (got = job.payload) === payload })),
        options,
      );
      expect(await queue.submit('t', [payload])).toMatchObject([{ ok: true, result: false }]);
      expect(got).toEqual(payload);
    });

    test('disposing of a worker waits for what it runs, and leaves the rest waiting', async () => {
      await using queue = await open(1000);
      const { opened, open: release } = gate();
      const finished: unknown[] = [];
      const started = gate();
      const handler: JobHandler = async (batch) => {
        started.open();
        await opened;
        finished.push(...batch.map(({ payload }) => payload['n']));
        return batch.map(() => ({ ok: true, result: null }));
      };
      const first = queue.submit('t', payloads(15));
      await until(async () => (await queue.counts('t')).waiting === 15);
      const worker = queue.work('t', handler, options);
      await started.opened;
      const stopped = Promise.resolve(worker[Symbol.asyncDispose]());
      expect(await isSettled(stopped)).toBe(false);
      release();
      await stopped;
      expect(finished).toHaveLength(10);
      expect(await queue.counts('t')).toMatchObject({ waiting: 5, running: 0 });
      await using _next = queue.work('t', done, options);
      expect(await first).toHaveLength(15);
    });

    test('closing aborts the handlers’ signal, waits for them, and ends the rest as closed', async () => {
      const queue = await open(1000);
      const started = gate();
      const handler: JobHandler = async (batch, signal) => {
        started.open();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        return batch.map(() => ({ ok: true, result: 'finished' }));
      };
      queue.work('t', handler, { ...options, batchSize: 1 });
      const outcomes = queue.submit('t', payloads(2));
      await started.opened;
      // A job may run before its caller is told that it was taken in; what is asked later is answered later.
      await queue.counts('t');
      await new Promise((resolve) => setImmediate(resolve));
      await queue[Symbol.asyncDispose]();
      expect(await outcomes).toEqual([
        expect.objectContaining({ ok: true, result: 'finished' }),
        expect.objectContaining({ ok: false, error: 'queue closed' }),
      ]);
      await expect(queue.enqueue('t', payloads(1))).rejects.toMatchObject({ code: 'closed' });
    });

    test('a type has one worker', async () => {
      await using queue = await open(1000);
      await using _worker = queue.work('t', done, options);
      expect(() => queue.work('t', done, options)).toThrow(expect.objectContaining({ code: 'already-working' }));
    });
  });
}
