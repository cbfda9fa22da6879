/** A scrape waits no longer than this for a server: Prometheus gives it ten seconds by default. */
const answerMsMax = 3000;

/**
 * A server that figures are asked from. Several figures of one scrape share a question, and no second one is put while the
 * first is open: a server that is away is not asked more often than it fails to answer.
 */
export class AskedServer<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #answerMs: number;
  #open: Promise<Answer | undefined> | undefined;

  constructor(ask: () => Promise<Answer>, answerMs: number = answerMsMax) {
    this.#ask = ask;
    this.#answerMs = answerMs;
  }

  /** Undefined where it fails, or does not answer in time. */
  async answer(): Promise<Answer | undefined> {
    this.#open ??= this.#ask()
      .catch(() => undefined)
      .finally(() => (this.#open = undefined));
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), this.#answerMs);
    try {
      return await Promise.race([this.#open, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
