import { asSequence } from '#kernel';
import { type BatchReader, ledgerBatch } from './batch-reader.ts';
import { damagedBatch } from './batch-file.ts';
import { type Head, headAfter, type OpenedBatch, successionProblems } from './head.ts';
import type { LedgerBatch } from './ledger-batch.ts';

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
  readonly #recent = new Map<number, LedgerBatch>();
  readonly #listeners = new Set<(batch: LedgerBatch) => void>();
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

  recent(first: number): LedgerBatch | undefined {
    return this.#recent.get(first);
  }

  forgetRecent(): void {
    this.#recent.clear();
  }

  onAdvanced(listener: (batch: LedgerBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs `action` after all that were asked for before it. */
  exclusive<Result>(action: () => Promise<Result>): Promise<Result> {
    const run = this.#last.then(action);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Reads forward to the first absent position. Only inside `exclusive`. @throws LedgerFault `damaged` */
  async catchUp(): Promise<void> {
    for (let batch = await this.reader.open(this.size); batch; batch = await this.reader.open(this.size)) {
      this.advance(ledgerBatch(batch), headAfterChecked(this.#head, batch));
    }
  }

  /** Only inside `exclusive`. */
  advance(batch: LedgerBatch, head: Head): void {
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
    this.#firstsBefore ??= this.#listFirsts();
    return lastUpTo(sequence, await this.#firstsBefore);
  }

  async #listFirsts(): Promise<readonly number[]> {
    const firsts: number[] = [];
    for await (const first of this.reader.store.list(asSequence(0))) {
      if (first < this.#sizeAtStart) firsts.push(first);
    }
    return firsts;
  }
}

function lastUpTo(sequence: number, ascending: readonly number[]): number {
  let [low, high] = [0, ascending.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? Infinity) <= sequence) low = middle;
    else high = middle;
  }
  return ascending[low] ?? 0;
}

/** @throws LedgerFault `damaged` when the batch does not continue `head` */
export function headAfterChecked(head: Head, batch: OpenedBatch): Head {
  const problems = successionProblems(head, batch);
  if (problems.length > 0) throw damagedBatch(batch.file.header.first, problems.join('; '));
  return headAfter(batch, head.key);
}
