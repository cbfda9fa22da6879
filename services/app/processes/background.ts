import type { Logger } from 'pino';
import { messageOf } from '#kernel';
import { type Deployment, rememberHead } from '../compose.ts';
import { AfterCommits } from './after-commits.ts';
import { BackupSchedule } from './backup-schedule.ts';
import { Collectors } from './collectors.ts';

/** What `serve` does by itself: collecting, backing up, and clearing away exports that hold what was disposed of. */
export class Background implements AsyncDisposable {
  readonly #parts: readonly AsyncDisposable[];
  #closing: Promise<void> | undefined;

  /** Nothing of it on a restored archive that was not adopted. */
  constructor(deployment: Deployment, log: Logger) {
    if (deployment.readOnly) {
      this.#parts = [];
      return;
    }
    const { ledger, recorder, exports } = deployment;
    const collectors = new Collectors(deployment, log);
    const settle = async () => {
      await recorder.catchUp();
      await exports.discardFinished();
      await rememberHead(deployment);
      collectors.startNew();
    };
    const report = (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'following the ledger failed');
    this.#parts = [new AfterCommits(ledger, settle, report), new BackupSchedule(deployment, log), collectors];
  }

  /** Ends all of it, together. */
  close(): Promise<void> {
    return (this.#closing ??= Promise.all(this.#parts.map((part) => part[Symbol.asyncDispose]())).then(() => {}));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
