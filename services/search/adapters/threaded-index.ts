import { Worker } from 'node:worker_threads';
import type { Sequence } from '#kernel';
import type { MarkCounts } from '../mark-tally.ts';
import type { MarkField } from '../marks.ts';
import { SearchFault } from '../search-fault.ts';
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
import { type IndexAnswer, type IndexCall, resolved, type Sent, type SentFault } from './threaded/index-call.ts';

/** What it works on is short-lived: a small nursery keeps resident memory down and costs nothing measurable. */
const youngGenerationMegabytes = 8;

/** The largest document takes half of it (`documentLimits`); with less room, what is of no use any more is collected sooner. */
const oldGenerationMegabytes = 256;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** The embedded index in a thread of its own: SQLite's work neither waits for capture nor holds it up. */
export class ThreadedIndex implements SearchIndex {
  readonly capabilities: SearchIndexCapabilities = { erasure: 'apply', comparison: 'words', listedMax: Infinity };
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #ended: Error | undefined;

  private constructor(file: string) {
    this.#worker = new Worker(new URL('./threaded/index-thread.ts', import.meta.url), {
      workerData: { file },
      resourceLimits: {
        maxYoungGenerationSizeMb: youngGenerationMegabytes,
        maxOldGenerationSizeMb: oldGenerationMegabytes,
      },
    });
    this.#worker.on('message', (answer: IndexAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#end(new Error('the index thread ended')));
    this.#worker.unref();
  }

  /** @throws SearchFault as `EmbeddedIndex.open` does */
  static open(file: string): ThreadedIndex {
    // Opened and closed here first: what is wrong with the file is thrown to the caller, not to the thread.
    void EmbeddedIndex.open(file)[Symbol.asyncDispose]();
    return new ThreadedIndex(file);
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

  async search({ facts, ...request }: SearchRequest): Promise<SearchAnswer> {
    const sent = { ...request, facts: resolved(request.query, facts) };
    return received((await this.#call({ method: 'search', request: sent })) as Sent<SearchAnswer>);
  }

  async count({ facts, ...request }: SelectRequest): Promise<CountAnswer> {
    const sent = { ...request, facts: resolved(request.query, facts) };
    return received((await this.#call({ method: 'count', request: sent })) as Sent<CountAnswer>);
  }

  async select({ facts, ...request }: SelectRequest): Promise<Selection> {
    const sent = { ...request, facts: resolved(request.query, facts) };
    const { words, ...coverage } = (await this.#call({ method: 'select', request: sent })) as Sent<Selection>;
    return { ...coverage, sequences: SequenceSet.fromWords(words ?? new Uint32Array()) };
  }

  markCounts(field: MarkField, within: SequenceSet): Promise<MarkCounts> {
    return this.#call({ method: 'markCounts', field, words: within.words }) as Promise<MarkCounts>;
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
    if (this.#ended !== undefined) return;
    await this.#call({ method: 'close' });
    await this.#worker.terminate();
  }

  #call(call: IndexCall): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(unavailable(this.#ended));
    const id = this.#nextId++;
    // The thread keeps the process alive while somebody waits for it, and no longer.
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call });
    });
  }

  #settle({ id, result, fault }: IndexAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (fault === undefined) waiting?.resolve(result);
    else waiting?.reject(faultOf(fault));
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(unavailable(reason));
  }
}

/** The set of an answer, which crossed as its words. */
function received<T extends CountAnswer>({ words, ...answer }: Sent<T>): T {
  return { ...answer, ...(words !== undefined && { sequences: SequenceSet.fromWords(words) }) } as unknown as T;
}

function faultOf({ code, message, remedy, facts }: SentFault): Error {
  return code === undefined ? new Error(message) : new SearchFault(code, message, { remedy, facts });
}

function unavailable(cause: Error): SearchFault {
  return new SearchFault('index-unavailable', `the search index is closed: ${cause.message}`, {
    remedy: 'Run the command again.',
    cause,
  });
}
