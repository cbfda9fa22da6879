import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SourceRecord } from '#catalog';
import { SourceFault } from '#ingest';
import { messageOf } from '#kernel';
import type { Deployment } from '../compose.ts';

const retryMs = 60_000;
/** A refused login is tried seldom: servers lock accounts for less. */
const refusedRetryMs = 3_600_000;

/** One loop for each source: collect, wait for a change or the interval, collect again. */
export class Collectors implements AsyncDisposable {
  readonly #sources: Deployment['sources'];
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<string, Promise<void>>();

  constructor({ sources }: Pick<Deployment, 'sources'>, log: Logger) {
    this.#sources = sources;
    this.#log = log;
    this.startNew();
  }

  /** Begins to collect from sources that were added. */
  startNew(): void {
    if (this.#stopping.signal.aborted) return;
    for (const source of this.#sources.imapSources()) {
      if (this.#loops.has(source.id)) continue;
      this.#loops.set(source.id, this.#loop(source));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    await Promise.all(this.#loops.values());
  }

  async #loop(source: SourceRecord): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#isThere(source)) {
      const waitMs = await this.#follow(source).catch((thrown: unknown) => this.#failed(source, thrown));
      await setTimeout(waitMs, undefined, { signal }).catch(() => undefined);
    }
    this.#loops.delete(source.id);
  }

  /** Collects until the source is removed or fails; says how long to wait then. */
  async #follow(source: SourceRecord): Promise<number> {
    const opened = this.#sources.open(source);
    await this.#collect(source, opened);
    for await (const _ of opened.changes(this.#stopping.signal)) {
      if (!this.#isThere(source)) break;
      await this.#collect(source, opened);
    }
    return retryMs;
  }

  async #collect(source: SourceRecord, opened: ReturnType<Deployment['sources']['open']>): Promise<void> {
    const { signal } = this.#stopping;
    const { found, captured, alreadyArchived, failed } = await this.#sources.collect(source, opened, { signal });
    if (captured + failed > 0)
      this.#log.info({ source: source.id, found, captured, alreadyArchived, failed }, 'collected');
  }

  #failed(source: SourceRecord, thrown: unknown): number {
    if (this.#stopping.signal.aborted) return 0;
    const isRefused = thrown instanceof SourceFault && thrown.code === 'login-refused';
    const waitMs = isRefused ? refusedRetryMs : retryMs;
    const facts = { source: source.id, problem: messageOf(thrown), retrySeconds: waitMs / 1000 };
    this.#log.error(facts, 'collection failed; it is tried again');
    return waitMs;
  }

  #isThere({ id }: SourceRecord): boolean {
    return this.#sources.imapSources().some((source) => source.id === id);
  }
}
