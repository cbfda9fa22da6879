import type { Logger } from 'pino';
import type { SourceRecord } from '#catalog';
import { messageOf } from '#kernel';
import type { Deployment } from '../compose.ts';

const retryMs = 60_000;

/** One loop for each source: collect, wait for a change or the interval, collect again. Follows sources that are added. */
export class Collectors implements AsyncDisposable {
  readonly #deployment: Deployment;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<string, Promise<void>>();
  readonly #unsubscribe: () => void;

  constructor(deployment: Deployment, log: Logger) {
    this.#deployment = deployment;
    this.#log = log;
    this.#unsubscribe = deployment.ledger.onCommitted(() => this.#startNew());
    this.#startNew();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort(new Error('stopping'));
    await Promise.all(this.#loops.values());
  }

  #startNew(): void {
    if (this.#stopping.signal.aborted) return;
    for (const source of this.#deployment.sources.imapSources()) {
      if (!this.#loops.has(source.id)) this.#loops.set(source.id, this.#loop(source));
    }
  }

  async #loop(source: SourceRecord): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const opened = this.#deployment.sources.open(source);
        await this.#collect(source, opened);
        for await (const _ of opened.changes(signal)) await this.#collect(source, opened);
      } catch (fault) {
        if (signal.aborted) return;
        this.#log.error({ source: source.id, problem: messageOf(fault) }, 'collection failed; it is tried again');
        await pause(retryMs, signal);
      }
    }
  }

  async #collect(source: SourceRecord, opened: ReturnType<Deployment['sources']['open']>): Promise<void> {
    const { found, captured, alreadyArchived, failed } = await this.#deployment.sources.collect(source, opened, {
      signal: this.#stopping.signal,
    });
    if (captured + failed > 0)
      this.#log.info({ source: source.id, found, captured, alreadyArchived, failed }, 'collected');
  }
}

/** Waits, or ends early when the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
