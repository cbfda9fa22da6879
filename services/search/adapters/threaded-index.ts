import { Worker } from 'node:worker_threads';
import { messageOf, type Sequence, unlessAborted } from '#kernel';
import type { MarkCounts } from '../mark-tally.ts';
import type { GroupingMark, MarkField } from '../marks.ts';
import type { QueryLimits } from '../patience.ts';
import { NARROWER, SearchFault } from '../search-fault.ts';
import type {
  CountAnswer,
  IndexChange,
  IndexComparison,
  IndexedMessage,
  SearchAnswer,
  SearchIndex,
  SearchIndexCapabilities,
  SearchRequest,
  Selection,
  SelectRequest,
} from '../search-index.ts';
import { SequenceSet } from '../sequence-set.ts';
import { EmbeddedIndex } from './embedded-index.ts';
import {
  type IndexAnswer,
  type IndexCall,
  type QueryCall,
  resolved,
  type Sent,
  type SentFault,
} from './threaded/index-call.ts';

/** What it works on is short-lived: a small nursery keeps resident memory down and costs nothing measurable. */
const youngGenerationMegabytes = 8;

/** The largest document takes half of it (`documentLimits`); with less room, what is of no use any more is collected sooner. */
const oldGenerationMegabytes = 256;

interface Waiting {
  readonly call: IndexCall;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * The embedded index in a thread of its own: SQLite's work neither waits for capture nor holds it up. A thread that dies is begun
 * again, and only what it was at fails.
 */
export class ThreadedIndex implements SearchIndex {
  readonly capabilities: SearchIndexCapabilities = { erasure: 'apply', comparison: 'words', listedMax: Infinity };
  readonly #file: string;
  readonly #heapMegabytes: number;
  /** In the order in which they were called, which is that of the thread: it is at the first. */
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 0;
  #trouble: string | undefined;
  #isClosed = false;

  private constructor(file: string, heapMegabytes: number) {
    this.#file = file;
    this.#heapMegabytes = heapMegabytes;
    this.#start();
  }

  /** @throws SearchFault as `EmbeddedIndex.open` does */
  static open(file: string, heapMegabytes = oldGenerationMegabytes): ThreadedIndex {
    // Opened and closed here first: what is wrong with the file is thrown to the caller, not to the thread.
    void EmbeddedIndex.open(file)[Symbol.asyncDispose]();
    return new ThreadedIndex(file, heapMegabytes);
  }

  /** Since a thread died, until the next one has answered. Whoever asks has it tried again. */
  trouble(): string | undefined {
    if (this.#trouble !== undefined && this.#waiting.size === 0) this.#probe();
    return this.#trouble;
  }

  async apply(change: IndexChange): Promise<void> {
    await this.#call({ method: 'apply', change });
  }

  lacking(sequences: readonly Sequence[]): Promise<readonly Sequence[]> {
    return this.#call({ method: 'lacking', sequences }) as Promise<readonly Sequence[]>;
  }

  async expunge(): Promise<void> {}

  position(): Promise<number> {
    return this.#call({ method: 'position' }) as Promise<number>;
  }

  async search({ facts, ...request }: SearchRequest, limits?: QueryLimits): Promise<SearchAnswer> {
    const sent = { ...request, facts: resolved(request.query, facts) };
    return received((await this.#ask({ method: 'search', request: sent }, limits)) as Sent<SearchAnswer>);
  }

  async count({ facts, ...request }: SelectRequest, limits?: QueryLimits): Promise<CountAnswer> {
    const sent = { ...request, facts: resolved(request.query, facts) };
    return received((await this.#ask({ method: 'count', request: sent }, limits)) as Sent<CountAnswer>);
  }

  async select({ facts, ...request }: SelectRequest, limits?: QueryLimits): Promise<Selection> {
    const sent = { ...request, facts: resolved(request.query, facts) };
    const { words, ...coverage } = (await this.#ask({ method: 'select', request: sent }, limits)) as Sent<Selection>;
    return { ...coverage, sequences: SequenceSet.fromWords(words ?? new Uint32Array()) };
  }

  markCounts(field: MarkField, within: SequenceSet): Promise<MarkCounts> {
    return this.#call({ method: 'markCounts', field, words: within.words }) as Promise<MarkCounts>;
  }

  firstOfSame(field: GroupingMark, within: SequenceSet): Promise<Uint32Array> {
    return this.#call({ method: 'firstOfSame', field, words: within.words }) as Promise<Uint32Array>;
  }

  async sequences(): Promise<SequenceSet> {
    return SequenceSet.fromWords((await this.#call({ method: 'sequences' })) as Uint32Array);
  }

  dates(): Promise<Float64Array> {
    return this.#call({ method: 'dates' }) as Promise<Float64Array>;
  }

  removed(): Promise<readonly number[]> {
    return this.#call({ method: 'removed' }) as Promise<readonly number[]>;
  }

  document(sequence: Sequence): Promise<IndexedMessage | undefined> {
    return this.#call({ method: 'document', sequence }) as Promise<IndexedMessage | undefined>;
  }

  async comparison(from: number, to: number): Promise<IndexComparison> {
    const id = this.#nextId++;
    await this.#call({ method: 'compare', id, from, to });
    return {
      differing: (documents) => this.#call({ method: 'differing', id, documents }) as Promise<readonly Sequence[]>,
      [Symbol.asyncDispose]: async () => void (await this.#call({ method: 'compared', id })),
    };
  }

  check(): Promise<readonly string[]> {
    return this.#call({ method: 'check' }) as Promise<readonly string[]>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    const closing = this.#worker === undefined ? Promise.resolve() : this.#call({ method: 'close' });
    this.#isClosed = true;
    // Where it dies of closing, it is closed.
    await closing.catch(() => undefined);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./threaded/index-thread.ts', import.meta.url), {
      workerData: { file: this.#file },
      resourceLimits: {
        maxYoungGenerationSizeMb: youngGenerationMegabytes,
        maxOldGenerationSizeMb: this.#heapMegabytes,
      },
    });
    let reason = 'the index thread ended';
    worker.on('message', (answer: IndexAnswer) => this.#settle(answer));
    worker.on('error', (error) => (reason = messageOf(error)));
    worker.on('exit', () => this.#died(reason));
    worker.unref();
    return (this.#worker = worker);
  }

  /** Who calls it off is answered at once; the thread leaves off by itself, and passes over what it has not begun. */
  async #ask(call: QueryCall, limits: QueryLimits | undefined): Promise<unknown> {
    if (limits === undefined) return this.#call(call);
    const { milliseconds, signal } = limits;
    signal?.throwIfAborted();
    const isOff = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const callOff = () => void Atomics.store(isOff, 0, 1);
    signal?.addEventListener('abort', callOff, { once: true });
    try {
      return await unlessAborted(this.#call({ ...call, limits: { milliseconds, isOff } }), signal);
    } finally {
      signal?.removeEventListener('abort', callOff);
    }
  }

  #call(call: IndexCall): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { call, resolve, reject });
      this.#send(this.#worker ?? this.#start(), id, call);
    });
  }

  #send(worker: Worker, id: number, call: IndexCall): void {
    // The thread keeps the process alive while somebody waits for it, and no longer.
    worker.ref();
    worker.postMessage({ id, call });
  }

  #settle({ id, result, fault }: IndexAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#trouble = undefined;
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (fault === undefined) waiting?.resolve(result);
    else waiting?.reject(faultOf(fault));
  }

  /** What it was at fails, and is not tried again: it may be what the thread died of. */
  #died(reason: string): void {
    this.#worker = undefined;
    const [first, ...others] = [...this.#waiting];
    this.#waiting.clear();
    this.#trouble = reason;
    if (first === undefined) return this.#isClosed ? undefined : this.#probe();
    const [, { call, reject }] = first;
    reject(stopped(call, reason));
    for (const [id, one] of others) {
      if (this.#isClosed || buildsOn(one.call, call)) one.reject(stopped(one.call, reason));
      else this.#waiting.set(id, one);
    }
    if (this.#waiting.size > 0) this.#sendAgain();
    else if (!this.#isClosed && call.method !== 'position') this.#probe();
  }

  #sendAgain(): void {
    const worker = this.#start();
    for (const [id, { call }] of this.#waiting) this.#send(worker, id, call);
  }

  /** Begins the thread again, and sees whether it answers. */
  #probe(): void {
    this.position().catch(() => undefined);
  }
}

/** The set of an answer, which crossed as its words. */
function received<T extends CountAnswer>({ words, ...answer }: Sent<T>): T {
  return { ...answer, ...(words !== undefined && { sequences: SequenceSet.fromWords(words) }) } as unknown as T;
}

function faultOf({ code, message, remedy, facts }: SentFault): Error {
  return code === undefined ? new Error(message) : new SearchFault(code, message, { remedy, facts });
}

/** A change counts on those before it: without them, its position would be ahead of the content. */
function buildsOn(later: IndexCall, earlier: IndexCall): boolean {
  return later.method === 'apply' && earlier.method === 'apply';
}

function stopped({ method }: IndexCall, reason: string): SearchFault {
  if (method === 'search' || method === 'count' || method === 'select') {
    const message = `the query took more than the search index has: ${reason}`;
    return new SearchFault('query-too-costly', message, { remedy: NARROWER });
  }
  return new SearchFault('index-unavailable', `the search index stopped and was started again: ${reason}`, {
    remedy: 'Run the command again.',
  });
}

function closed(): SearchFault {
  return new SearchFault('index-unavailable', 'the search index is closed', { remedy: 'Run the command again.' });
}
