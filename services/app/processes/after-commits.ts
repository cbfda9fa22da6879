import type { Ledger } from '#ledger';

/** Many commits that follow each other closely are one occasion. */
const quietMs = 250;

/** Does something some time after entries were committed: never twice at once, and once more for what came meanwhile. */
export class AfterCommits implements AsyncDisposable {
  readonly #task: () => Promise<void>;
  readonly #report: (thrown: unknown) => void;
  readonly #unsubscribe: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(ledger: Pick<Ledger, 'onCommitted'>, task: () => Promise<void>, report: (thrown: unknown) => void) {
    this.#task = task;
    this.#report = report;
    this.#unsubscribe = ledger.onCommitted(() => (this.#timer ??= setTimeout(() => this.#begin(), quietMs)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #begin(): void {
    this.#timer = undefined;
    this.#running = this.#running.then(this.#task).catch(this.#report);
  }
}
