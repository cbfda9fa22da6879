/**
 * `node job-worker.ts URL NAME`: works on jobs of type `t`. Says `took N` for each job; one with `{ holds: true }` is never
 * finished, one with `{ kills: true }` ends the process as if by kill -9.
 */
import { BullmqQueue } from '../../services/jobs/adapters/bullmq-queue.ts';

const [url = '', name = ''] = process.argv.slice(2);
const queue = await BullmqQueue.open({ url, name, lockMs: 600 });
queue.work(
  't',
  async (batch) => {
    for (const { payload } of batch) process.stdout.write(`took ${JSON.stringify(payload['n'])}\n`);
    if (batch.some(({ payload }) => payload['kills'] === true)) process.kill(process.pid, 'SIGKILL');
    if (batch.some(({ payload }) => payload['holds'] === true)) await new Promise(() => undefined);
    return batch.map(({ payload }) => ({ ok: true, result: payload['n'] ?? null }));
  },
  { batchSize: 10, concurrency: 2, attempts: 3, backoff: { firstMs: 1, maxMs: 10 } },
);
process.stdout.write('works\n');
