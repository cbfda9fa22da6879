import { Worker } from 'node:worker_threads';

/** What it works on is short-lived: a small nursery keeps resident memory down and costs little. */
const youngGenerationMegabytes = 16;

/** No answer came in time; the thread was ended. */
export class ThreadTimeout extends Error {}

export interface WatchedThreadOptions {
  /** What it runs: answers each message with one message. */
  readonly script: URL;
  /** How long one request may take. */
  readonly timeMaxMs: number;
  /** Of strings and objects; a request that takes more ends the thread, and nothing else. */
  readonly heapMegabytes: number;
}

/**
 * A worker thread for work that may hang or grow: it is ended then, and the next request starts another. It starts with the first
 * request. One request at a time, which the caller sees to, so that only what was asked last can be what it fails at.
 */
export class WatchedThread<Request, Reply> {
  readonly #options: WatchedThreadOptions;
  #worker: Worker | undefined;
  /** When the thread runs. */
  #online: Promise<void> = Promise.resolve();
  #asked: PromiseWithResolvers<Reply> | undefined;

  constructor(options: WatchedThreadOptions) {
    this.#options = options;
  }

  /**
   * @param transferred memory that is handed over, not copied
   * @throws ThreadTimeout, or the error that the thread ended with
   */
  async ask(request: Request, transferred: readonly ArrayBuffer[]): Promise<Reply> {
    const worker = this.#worker ?? this.#start();
    const asked = Promise.withResolvers<Reply>();
    this.#asked = asked;
    const timing = new AbortController();
    try {
      worker.postMessage(request, [...transferred]);
      // A thread that is slow to start is no fault of the request.
      void this.#online.then(() => this.#giveUpLater(timing.signal));
      return await asked.promise;
    } finally {
      timing.abort();
      this.#asked = undefined;
    }
  }

  /** Ends the thread and tells whoever waits for it. */
  async end(reason: Error): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#asked?.reject(reason);
    await worker?.terminate();
  }

  #giveUpLater(signal: AbortSignal): void {
    if (signal.aborted) return;
    const timer = setTimeout(() => void this.end(new ThreadTimeout('too slow')), this.#options.timeMaxMs);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  #start(): Worker {
    const { script, heapMegabytes } = this.#options;
    const worker = new Worker(script, {
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMegabytes, maxOldGenerationSizeMb: heapMegabytes },
    });
    const died = (reason: Error) => {
      if (this.#worker === worker) void this.end(reason);
    };
    worker.unref();
    this.#online = new Promise((resolve) => {
      worker.once('online', resolve);
      worker.once('exit', () => resolve());
    });
    worker.on('message', (reply: Reply) => {
      if (this.#worker === worker) this.#asked?.resolve(reply);
    });
    worker.on('error', (error) => died(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => died(new Error('the thread ended')));
    this.#worker = worker;
    return worker;
  }
}
