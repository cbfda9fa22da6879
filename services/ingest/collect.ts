import { type Clock, newId } from '#kernel';
import type { Catalog, Recorder } from '#catalog';
import type { JobOutcome, JobQueue } from '#jobs';
import type { EntryDraft } from '#ledger';
import { captureBatch, captureJob } from './capture-jobs.ts';
import { type Completeness, Tally } from './completeness.ts';
import { keyOfMailboxEpoch } from './sighting-identity.ts';
import type { Accounting, Found, FoundFailed, FoundMessage, Place, Source } from './source.ts';
import type { Spool } from './spool.ts';
import { UidSet } from './uid-set.ts';

/** Batches handed over and not yet answered: enough to keep readers and recorder busy, few enough to bound memory. */
const batchesInFlightMax = 4;

/** A batch is handed over at this size at the latest; well below the spool's bound, which would otherwise never drain. */
const batchBytesMax = 8 * 1024 * 1024;

export interface CollectParts {
  readonly recorder: Recorder;
  readonly queue: JobQueue;
  readonly spool: Spool;
  readonly clock: Clock;
}

export interface CollectOptions {
  readonly signal: AbortSignal;
  /** Called after each batch with the counts so far. */
  readonly onProgress?: (tally: Tally) => void;
  /** What the run was pointed at, for the record. */
  readonly root?: string;
}

/**
 * One run of one source: what it lists and the ledger does not account for goes through the spool to the capture, and the
 * sum says what became of each. Interrupted at any point, the next run completes it: there is no cursor.
 * @throws the source's fault, or the signal's reason; what was answered for until then is archived
 */
export async function collect(parts: CollectParts, source: Source, options: CollectOptions): Promise<Tally> {
  const run = new Collection(parts, source, options);
  try {
    for await (const found of source.sightings(accountingOf(parts.recorder.catalog, source.id), options.signal)) {
      await run.take(found);
    }
  } finally {
    await run.settle();
  }
  await run.record();
  return run.tally;
}

function accountingOf(catalog: Catalog, source: string): Accounting {
  return {
    accounted(mailbox, uidValidity) {
      const epoch = keyOfMailboxEpoch(catalog.sightingSalt ?? '', source, mailbox, uidValidity);
      return Promise.resolve(new UidSet(catalog.accounting.uidRanges(epoch)));
    },
  };
}

class Collection {
  readonly tally = new Tally();
  readonly #parts: CollectParts;
  readonly #source: Source;
  readonly #options: CollectOptions;
  readonly #startedAt: number;
  #batch: { readonly key: string; readonly message: FoundMessage }[] = [];
  #batchBytes = 0;
  readonly #inFlight = new Set<Promise<void>>();
  /** What kept a batch from being answered for at all: a queue that was closed, a spool that is broken. */
  readonly #broken: unknown[] = [];
  readonly #unrecorded: EntryDraft[] = [];

  constructor(parts: CollectParts, source: Source, options: CollectOptions) {
    this.#parts = parts;
    this.#source = source;
    this.#options = options;
    this.#startedAt = parts.clock.now();
  }

  async take(found: Found): Promise<void> {
    this.#options.signal.throwIfAborted();
    this.#throwIfBroken();
    switch (found.kind) {
      case 'message':
        return this.#spool(found);
      case 'known':
        this.tally.found += found.count;
        this.tally.alreadyArchived += found.count;
        return;
      case 'failed':
        this.tally.fail(nameOf(found.place), found.reason);
        this.#quarantine(found);
        return;
      case 'gone':
        this.tally.fail(nameOf(found.place), 'vanished from the server before it could be fetched');
        this.#gone(found.place);
        return;
      case 'ignored':
        return this.tally.ignore(found.path, found.why);
    }
  }

  /** Hands over what is waiting and waits for everything handed over. */
  async settle(): Promise<void> {
    this.#submit();
    await Promise.all(this.#inFlight);
    this.#throwIfBroken();
    if (this.#unrecorded.length === 0) return;
    await this.#parts.recorder.ledger.append(this.#unrecorded.splice(0));
    await this.#parts.recorder.fold();
  }

  /** The run itself becomes an entry, unless it changed nothing. */
  async record(): Promise<void> {
    const { found, captured, alreadyArchived, failed, ignored, failures } = this.tally;
    if (!this.tally.changed) return;
    const sum: Completeness = { found, captured, alreadyArchived, failed, ignored };
    const named = failures.slice(0, 1000).map(({ place, reason }) => `${place}: ${reason}`);
    const { root } = this.#options;
    const aside = { ...(root !== undefined && { root }), failures: named };
    const fields = { source: this.#source.id, collection: newId(), startedAt: this.#startedAt, ...sum };
    await this.#parts.recorder.ledger.append([{ kind: 'collection', ...fields, aside }]);
    await this.#parts.recorder.fold();
  }

  async #spool(message: FoundMessage): Promise<void> {
    const { spool, clock } = this.#parts;
    const { place, digest, size, content } = message;
    const item = { source: this.#source.id, place, digest, size, content, seenAt: clock.now() };
    this.tally.found += 1;
    this.tally.custodians.set(place.custodian, (this.tally.custodians.get(place.custodian) ?? 0) + 1);
    // What is not handed over would keep its room for ever while this one waits for it.
    const beforeWaiting = () => this.#submit();
    const key = await spool.put(item, { signal: this.#options.signal, beforeWaiting });
    this.#batch.push({ key, message });
    this.#batchBytes += size;
    if (this.#batch.length >= captureBatch || this.#batchBytes >= batchBytesMax) this.#submit();
    while (this.#inFlight.size >= batchesInFlightMax) await Promise.race(this.#inFlight);
  }

  #submit(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length === 0) return;
    const done = this.#handOver(batch)
      .catch((thrown: unknown) => void this.#broken.push(thrown))
      .finally(() => this.#inFlight.delete(done));
    this.#inFlight.add(done);
  }

  async #handOver(batch: readonly { readonly key: string; readonly message: FoundMessage }[]): Promise<void> {
    const { queue, spool } = this.#parts;
    const payloads = batch.map(({ key }) => ({ key }));
    try {
      const outcomes = await queue.submit(captureJob, payloads, { partition: this.#source.id });
      for (const [index, outcome] of outcomes.entries()) this.#count(outcome, batch[index]?.message);
    } finally {
      // After a failure the spool still has them; the source is asked again in the next run.
      await Promise.all(batch.map(async ({ key }) => await spool.drop(key)));
    }
    this.#options.onProgress?.(this.tally);
  }

  #throwIfBroken(): void {
    if (this.#broken.length > 0) throw this.#broken[0];
  }

  #count(outcome: JobOutcome, message: FoundMessage | undefined): void {
    if (message === undefined) return;
    this.tally.bytes += message.size;
    if (!outcome.ok) {
      this.tally.found -= 1;
      this.tally.fail(nameOf(message.place), outcome.error);
      return;
    }
    if (outcome.result === 'captured') this.tally.captured += 1;
    else this.tally.alreadyArchived += 1;
    if (outcome.result === 'sighted') this.tally.sighted += 1;
  }

  #quarantine({ place, code, reason }: FoundFailed): void {
    const { mailbox, uid } = place;
    const mailboxEpoch = this.#epochOf(place);
    if (mailboxEpoch === undefined || uid === undefined || code === 'unreadable') return;
    const attempts = this.#parts.recorder.catalog.accounting.attempts(mailboxEpoch, uid) + 1;
    const fields = { source: this.#source.id, mailboxEpoch, uid, attempts, code };
    this.#unrecorded.push({ kind: 'quarantined', ...fields, aside: { mailbox, reason } });
  }

  #gone(place: Place): void {
    const { mailbox, uid } = place;
    const mailboxEpoch = this.#epochOf(place);
    if (mailboxEpoch === undefined || uid === undefined) return;
    this.#unrecorded.push({ kind: 'gone', source: this.#source.id, mailboxEpoch, uid, aside: { mailbox } });
  }

  #epochOf({ mailbox, uidValidity }: Place): string | undefined {
    if (uidValidity === undefined) return undefined;
    return keyOfMailboxEpoch(this.#parts.recorder.catalog.sightingSalt ?? '', this.#source.id, mailbox, uidValidity);
  }
}

function nameOf(place: Place): string {
  if (place.path !== undefined)
    return place.offset === undefined ? place.path : `${place.path} at byte ${place.offset}`;
  return place.uid === undefined ? place.mailbox : `${place.mailbox} UID ${place.uid}`;
}
