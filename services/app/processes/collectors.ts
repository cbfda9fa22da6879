import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SourceRecord } from '#catalog';
import { SourceFault } from '#ingest';
import { messageOf } from '#kernel';
import type { Deployment } from '../deployment.ts';

/** How soon another process may collect from a source whose collector died. */
const leaseMs = 30_000;
/** How long a process that found a source taken waits before it asks again. */
const takenMs = 15_000;
const retryMs = 60_000;
/** A refused login is tried seldom: servers lock accounts for less. */
const refusedRetryMs = 3_600_000;

/**
 * One loop for each source: collect, wait for a change or the interval, collect again. Of several processes one collects from
 * a source at a time; two at once would only ask it for the same twice.
 */
export class Collectors implements AsyncDisposable {
  readonly #sources: Deployment['sources'];
  readonly #leases: Deployment['leases'];
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<string, Promise<void>>();

  constructor({ sources, leases }: Pick<Deployment, 'sources' | 'leases'>, log: Logger) {
    this.#sources = sources;
    this.#leases = leases;
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

  /** Collects until the source is removed, taken by another process, or fails; says how long to wait then. */
  async #follow(source: SourceRecord): Promise<number> {
    await using lease = await this.#leases.take(`collect-${source.id}`, { ttlMs: leaseMs });
    if (lease === undefined) return takenMs;
    const signal = AbortSignal.any([this.#stopping.signal, lease.lost]);
    const opened = this.#sources.open(source);
    await this.#collect(source, opened, signal);
    for await (const _ of opened.changes(signal)) {
      if (!this.#isThere(source)) break;
      await this.#collect(source, opened, signal);
    }
    return lease.held ? retryMs : takenMs;
  }

  async #collect(
    source: SourceRecord,
    opened: ReturnType<Deployment['sources']['open']>,
    signal: AbortSignal,
  ): Promise<void> {
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
