import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, messageOf, newName } from '#kernel';
import type { Catalog } from '#catalog';
import type { Job, JobAnswer, JobQueue } from '#jobs';
import { ExportFault } from './export-fault.ts';
import type { Exporter } from './exporter.ts';
import type { ExportOrder, ExportProgress, ExportSummary } from './order.ts';

export const exportJob = 'export';

/** One export asked for and carried out in the background. */
export interface ExportJob {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** Milliseconds since 1970. */
  readonly requestedAt: number;
  readonly progress?: ExportProgress;
  readonly summary?: ExportSummary;
  readonly error?: string;
}

interface Kept {
  job: ExportJob;
  readonly order: ExportOrder;
  readonly actor: string;
  /** How many messages had been disposed of when the export was made. */
  disposed: number;
}

export interface ExportJobsParts {
  readonly exporter: Exporter;
  readonly catalog: Catalog;
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** Where finished exports wait to be fetched. Belongs to this object alone; emptied when it opens and closes. */
  readonly folder: string;
}

const keptMax = 100;

/**
 * Exports in the background, each into one zip. A finished one is kept until the process ends, or until anything is
 * disposed of: copies made before a disposal must not outlive it here.
 */
export class ExportJobs implements AsyncDisposable {
  readonly #parts: ExportJobsParts;
  readonly #kept = new Map<string, Kept>();
  readonly #worker: AsyncDisposable;

  constructor(parts: ExportJobsParts) {
    this.#parts = parts;
    const once = { batchSize: 1, concurrency: 1, attempts: 1, backoff: { firstMs: 0, maxMs: 0 } };
    this.#worker = parts.queue.work(
      exportJob,
      (batch, signal) => Promise.all(batch.map((job) => this.#run(job, signal))),
      once,
    );
  }

  async begin(order: Omit<ExportOrder, 'out'>, actor: string): Promise<ExportJob> {
    const id = newName('export');
    const out = join(this.#parts.folder, `${id}.zip`);
    const job: ExportJob = { id, state: 'waiting', requestedAt: this.#parts.clock.now() };
    this.#kept.set(id, { job, order: { ...order, out }, actor, disposed: 0 });
    await this.#forgetOldest();
    await this.#parts.queue.enqueue(exportJob, [{ id }]);
    return this.get(id);
  }

  /** Newest first. */
  list(): ExportJob[] {
    return [...this.#kept.values()].map((kept) => kept.job).reverse();
  }

  /** @throws ExportFault `no-such-export` */
  get(id: string): ExportJob {
    return this.#find(id).job;
  }

  /** The finished zip. @throws ExportFault `no-such-export`, `export-unfinished`, `disposed` */
  file(id: string): string {
    const { job, order, disposed } = this.#find(id);
    if (job.state !== 'done') {
      throw new ExportFault('export-unfinished', `The export ${id} is ${job.state}.`, {
        remedy: job.state === 'failed' ? 'Begin it again.' : 'Ask for it again until it is done.',
      });
    }
    if (this.#disposedNow() === disposed) return order.out;
    this.#kept.delete(id);
    void rm(order.out, { force: true });
    throw disposedMeanwhile('since this export was made');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
    await Promise.all([...this.#kept.values()].map(({ order }) => rm(order.out, { force: true })));
    this.#kept.clear();
  }

  /** Called after a disposal: no finished copy stays. */
  async discardFinished(): Promise<void> {
    const stale = [...this.#kept.entries()].filter(
      ([, kept]) => kept.job.state === 'done' && kept.disposed !== this.#disposedNow(),
    );
    for (const [id, { order }] of stale) {
      await rm(order.out, { force: true });
      this.#kept.delete(id);
    }
  }

  async #run({ payload }: Job, signal: AbortSignal): Promise<JobAnswer> {
    const kept = typeof payload['id'] === 'string' ? this.#kept.get(payload['id']) : undefined;
    if (kept === undefined) return { ok: false, error: 'forgotten', final: true };
    const { order, actor } = kept;
    kept.disposed = this.#disposedNow();
    kept.job = { ...kept.job, state: 'running' };
    try {
      const onProgress = (progress: ExportProgress) => (kept.job = { ...kept.job, progress });
      const summary = await this.#parts.exporter.export(order, actor, { signal, onProgress });
      if (this.#disposedNow() !== kept.disposed) throw disposedMeanwhile('while this export was made');
      kept.job = { ...kept.job, state: 'done', summary };
      return { ok: true, result: null };
    } catch (thrown) {
      await rm(order.out, { force: true });
      kept.job = { ...kept.job, state: 'failed', error: messageOf(thrown) };
      return { ok: false, error: messageOf(thrown), final: true };
    }
  }

  async #forgetOldest(): Promise<void> {
    const ended = [...this.#kept.entries()].filter(([, { job }]) => job.state === 'done' || job.state === 'failed');
    for (const [id, { order }] of ended.slice(0, Math.max(0, this.#kept.size - keptMax))) {
      this.#kept.delete(id);
      await rm(order.out, { force: true });
    }
  }

  #find(id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    throw new ExportFault('no-such-export', `There is no export "${id}".`, {
      remedy: 'List them with GET /api/v1/exports; they end with the process that made them.',
    });
  }

  #disposedNow(): number {
    return this.#parts.catalog.messages.totals().disposed;
  }
}

function disposedMeanwhile(when: string): ExportFault {
  return new ExportFault('disposed', `A message was disposed of ${when}, so the copy is gone.`, {
    remedy: 'Begin the export again.',
  });
}
