import { Cron } from 'croner';
import type { Logger } from 'pino';
import { messageOf } from '#kernel';
import { backUp } from '../back-up.ts';
import type { Deployment } from '../deployment.ts';

/** Backups by cron expression, never two at once. Disposed of, it ends the one under way; the next one completes it. */
export class BackupSchedule implements AsyncDisposable {
  readonly #deployment: Deployment;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #job: Cron | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(deployment: Deployment, log: Logger) {
    this.#deployment = deployment;
    this.#log = log;
    const { backup } = deployment.config;
    if (backup === undefined) return;
    this.#job = new Cron(backup.cron, { protect: true }, () => (this.#running = this.#run(backup.to)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#job?.stop();
    this.#stopping.abort(new Error('stopping'));
    await this.#running;
  }

  async #run(to: string): Promise<void> {
    const { signal } = this.#stopping;
    try {
      const report = await backUp(this.#deployment, to, { signal, actor: 'scheduler' });
      if (report.lostMessages + report.lostBatches === 0) this.#log.info(report, 'backed up');
      else this.#log.warn(report, 'backed up; the backup lacked what earlier runs had brought: check its disk');
    } catch (fault) {
      if (signal.aborted) return;
      this.#log.error({ problem: messageOf(fault) }, 'the backup failed');
    }
  }
}
