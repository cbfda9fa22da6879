import { asSequence, type Digest } from '#kernel';
import { mayMention } from './append-outcome.ts';
import { damagedBatch, parseBatch } from './batch-file.ts';
import { type BatchReader, decodeBatch, ledgerBatch } from './batch-reader.ts';
import { CommittedBatch } from './committed-batch.ts';
import type { SentBatch } from './hand-over.ts';
import { type Head, headAfter, type OutlinedBatch, successionProblems } from './head.ts';
import { LedgerFault } from './ledger-fault.ts';

/** Batches that were committed last, kept so that followers in this process need not read them again. */
const recentMax = 64;

/**
 * What this process knows to be committed: the head, and the newest batches. Whoever moves the head does so inside
 * `exclusive`.
 */
export class Chain {
  readonly reader: BatchReader;
  #head: Head;
  #last: Promise<unknown> = Promise.resolve();
  readonly #recent = new Map<number, CommittedBatch>();
  readonly #listeners = new Set<(batch: CommittedBatch) => void>();
  /** The newest batch, where it came from another process and not from the store. */
  #sent: CommittedBatch | undefined;
  readonly #sizeAtStart: number;
  #firstsBefore: Promise<readonly number[]> | undefined;
  readonly #firstsSince: number[] = [];

  constructor(reader: BatchReader, head: Head) {
    this.reader = reader;
    this.#head = head;
    this.#sizeAtStart = head.frontier.size;
  }

  get head(): Head {
    return this.#head;
  }

  get size(): number {
    return this.#head.frontier.size;
  }

  recent(first: number): CommittedBatch | undefined {
    return this.#recent.get(first);
  }

  /** The batch with the entry at `sequence`, if it is in memory. */
  recentWith(sequence: number): CommittedBatch | undefined {
    return sequence < this.#sizeAtStart ? undefined : this.#recent.get(lastUpTo(sequence, this.#firstsSince));
  }

  forgetRecent(): void {
    this.#recent.clear();
  }

  onAdvanced(listener: (batch: CommittedBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs `action` after all that were asked for before it. */
  exclusive<Result>(action: () => Promise<Result>): Promise<Result> {
    const run = this.#last.then(action);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /**
   * Reads forward to the first absent position, or until `size` entries are known. Only inside `exclusive`.
   * @throws LedgerFault `damaged`
   */
  async catchUp(size = Infinity): Promise<void> {
    while (this.size < size) {
      const batch = await this.reader.outline(this.size);
      if (batch === undefined) return;
      this.advance(this.#committed(batch), headAfterChecked(this.#head, batch));
      this.#sent = undefined;
    }
  }

  /**
   * Takes in batches that another process read or wrote, as far as they continue what is known: what is signed and fits
   * need not be read from the store again. Only inside `exclusive`.
   */
  async take(batches: readonly SentBatch[]): Promise<void> {
    for (const { bytes, first } of batches) {
      if (first < this.size) continue;
      try {
        const batch = await this.reader.outlineOf(parseBatch(bytes, this.size));
        const committed = this.#committed(batch);
        this.advance(committed, headAfterChecked(this.#head, batch));
        this.#sent = committed;
      } catch (thrown) {
        // What lies in the store will tell.
        if (thrown instanceof LedgerFault && thrown.code === 'damaged') return;
        throw thrown;
      }
    }
  }

  /**
   * Sees to it that the newest batch is in the store where only another process said so; with it all before it are. Before
   * anything is written behind it. @throws LedgerFault `inconsistent-history`
   */
  async confirm(): Promise<void> {
    if (this.#sent === undefined) return;
    const { batchId, first } = this.#sent;
    if ((await this.reader.file(first))?.header.batch !== batchId) throw notInStore(first);
    this.#sent = undefined;
  }

  /** The batches from `since`, which is where one begins, to the head; undefined when not all of them are in memory. */
  recentFrom(since: number): readonly CommittedBatch[] | undefined {
    const batches: CommittedBatch[] = [];
    for (let at = since; at < this.size;) {
      const batch = this.#recent.get(at);
      if (batch === undefined) return undefined;
      batches.push(batch);
      at = batch.end;
    }
    return batches;
  }

  /** The same, read back where they are not in memory. @throws LedgerFault `damaged` */
  async *batchesFrom(since: number): AsyncIterable<CommittedBatch> {
    for (let at = since; at < this.size;) {
      const batch = this.#recent.get(at) ?? (await this.#readBack(at));
      yield batch;
      at = batch.end;
    }
  }

  /** Whether an entry from `since` on speaks of this message, or may: what is not in memory may. */
  mentions(digest: Digest, since: number): boolean {
    return this.recentFrom(since)?.some(({ bytes }) => mayMention(bytes, digest)) ?? true;
  }

  async #readBack(first: number): Promise<CommittedBatch> {
    const batch = await this.reader.outline(first);
    if (batch === undefined) throw damagedBatch(first, 'it is missing');
    return this.#committed(batch);
  }

  #committed({ file, leafHashes }: OutlinedBatch): CommittedBatch {
    const { batch, first, time } = file.header;
    const decode = async () => ledgerBatch(decodeBatch(file, await this.reader.sidecar(file)));
    return new CommittedBatch({ first: asSequence(first), batchId: batch, time, leafHashes }, file.bytes, decode);
  }

  /** Only inside `exclusive`. */
  advance(batch: CommittedBatch, head: Head): void {
    this.#head = head;
    this.#recent.set(batch.first, batch);
    this.#firstsSince.push(batch.first);
    for (const first of this.#recent.keys()) {
      if (this.#recent.size <= recentMax) break;
      this.#recent.delete(first);
    }
    for (const listener of this.#listeners) listener(batch);
  }

  /** Where the batch with the entry at `sequence` begins. Lists the store once. */
  async firstOfBatchWith(sequence: number): Promise<number> {
    if (sequence >= this.#sizeAtStart) return lastUpTo(sequence, this.#firstsSince);
    return lastUpTo(sequence, await this.#listedFirsts());
  }

  /** Where the batches from the one at `first` on begin, up to `end` or to those in memory. */
  async *storedFirsts(first: number, end: number): AsyncIterable<number> {
    for (const firsts of [await this.#listedFirsts(), this.#firstsSince]) {
      for (let at = indexUpTo(first, firsts); at < firsts.length; at++) {
        const next = firsts[at] ?? end;
        if (next >= end || this.#recent.has(next)) return;
        if (next >= first) yield next;
      }
    }
  }

  #listedFirsts(): Promise<readonly number[]> {
    return (this.#firstsBefore ??= this.#listFirsts());
  }

  async #listFirsts(): Promise<readonly number[]> {
    const firsts: number[] = [];
    for await (const first of this.reader.store.list(asSequence(0))) {
      if (first < this.#sizeAtStart) firsts.push(first);
    }
    return firsts;
  }
}

function notInStore(first: number): LedgerFault {
  return new LedgerFault('inconsistent-history', `the batch at ${first} that the committer sent is not in the store`, {
    remedy: 'Stop what answers as the committer of this ledger, and find out who has its key; then start again.',
    facts: { first },
  });
}

function lastUpTo(sequence: number, ascending: readonly number[]): number {
  return ascending[indexUpTo(sequence, ascending)] ?? 0;
}

/** Of the last that is not above it; 0 where all are. */
function indexUpTo(sequence: number, ascending: readonly number[]): number {
  let [low, high] = [0, ascending.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? Infinity) <= sequence) low = middle;
    else high = middle;
  }
  return low;
}

/** @throws LedgerFault `damaged` when the batch does not continue `head` */
export function headAfterChecked(head: Head, batch: OutlinedBatch): Head {
  const problems = successionProblems(head, batch);
  if (problems.length > 0) throw damagedBatch(batch.file.header.first, problems.join('; '));
  return headAfter(batch, head.key);
}
