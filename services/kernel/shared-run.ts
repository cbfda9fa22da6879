/** Runs a piece of work, one run at a time, for many who ask for it: each run serves all that asked before it began. */
export class SharedRun {
  readonly #work: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Until a run that began after this call has ended. @throws what that run threw */
  ran(): Promise<void> {
    this.#next ??= this.#last
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#work();
      });
    this.#last = this.#next;
    return this.#next;
  }
}
