import { Worker } from 'node:worker_threads';
import type { ParsingReply, ParsingRequest } from './parsing-worker.ts';
import { type ReadMessage, unreadable } from './read-message.ts';
import { SecondView } from './second-view.ts';
import { sideBySide } from './side-by-side.ts';
import type { Content } from './source.ts';

/** How long one message may take; a batch gets this once, and its members one by one if that was not enough. */
const messageTimeMaxMs = 10_000;

/** What it works on is short-lived: a small nursery keeps resident memory down and costs little. */
const youngGenerationMegabytes = 16;

export interface ParsingItem {
  readonly content: Content;
  readonly size: number;
}

interface Waiting {
  readonly resolve: (reply: ParsingReply) => void;
  readonly reject: (reason: Error) => void;
}

/** Worker threads around `message/` and `search/`'s analysis: bounded by construction, and watched all the same. */
export class ParsingPool implements AsyncDisposable {
  readonly #threads: ParsingThread[];
  readonly #secondView = new SecondView();
  #turn = 0;

  /** @param threads how many messages are read at once, at least 1 */
  constructor(threads: number) {
    this.#threads = Array.from({ length: threads }, () => new ParsingThread());
  }

  /** One answer per item, in order. Never rejects for what a message contains. */
  async read(items: readonly ParsingItem[]): Promise<ReadMessage[]> {
    const share = Math.ceil(items.length / this.#threads.length);
    const parts: Promise<ReadMessage[]>[] = [];
    for (let from = 0; from < items.length; from += share) {
      this.#turn = (this.#turn + 1) % this.#threads.length;
      const thread = this.#threads[this.#turn];
      if (thread !== undefined) parts.push(this.#readPart(thread, items.slice(from, from + share)));
    }
    const read = (await Promise.all(parts)).flat();
    return Promise.all(read.map((message, index) => this.#withSecondView(message, items[index])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#threads.map((thread) => thread.stop()), this.#secondView[Symbol.asyncDispose]()]);
  }

  async #readPart(thread: ParsingThread, items: readonly ParsingItem[]): Promise<ReadMessage[]> {
    try {
      return [...(await thread.read(items))];
    } catch (failure) {
      if (items.length > 1) return this.#readSingly(thread, items);
      return [unreadable(items[0]?.size ?? 0, failure instanceof ParsingTimeout ? 'parse-timeout' : 'parse-failed')];
    }
  }

  async #readSingly(thread: ParsingThread, items: readonly ParsingItem[]): Promise<ReadMessage[]> {
    const messages: ReadMessage[] = [];
    for (const item of items) messages.push(...(await this.#readPart(thread, [item])));
    return messages;
  }

  async #withSecondView(message: ReadMessage, item: ParsingItem | undefined): Promise<ReadMessage> {
    if (item === undefined || !('bytes' in item.content)) return message;
    if (!message.flags.includes('ambiguous-structure')) return message;
    return this.#secondView.widen(message, item.content.bytes);
  }
}

class ParsingTimeout extends Error {}

/** One worker thread: replaced by a fresh one when it takes too long or dies. */
class ParsingThread {
  #worker: Worker | undefined;
  #nextId = 0;
  readonly #waiting = new Map<number, Waiting>();

  async read(items: readonly ParsingItem[]): Promise<readonly ReadMessage[]> {
    const worker = this.#worker ?? this.#start();
    const request = requestOf(this.#nextId++, items);
    const reply = new Promise<ParsingReply>((resolve, reject) => this.#waiting.set(request.id, { resolve, reject }));
    worker.postMessage(request, [request.bytes.buffer as ArrayBuffer]);
    const queued = this.#waiting.size;
    const timer = setTimeout(() => this.#replace(new ParsingTimeout('too slow')), messageTimeMaxMs * queued);
    try {
      return messagesOf(await reply);
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./parsing-worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMegabytes },
    });
    worker.unref();
    worker.on('message', (reply: ParsingReply) => {
      this.#waiting.get(reply.id)?.resolve(reply);
      this.#waiting.delete(reply.id);
    });
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#replace(error instanceof Error ? error : new Error(String(error)));
    });
    this.#worker = worker;
    return worker;
  }

  /** Ends the thread and tells everybody who waits for it; the next read starts a new one. */
  #replace(reason: Error): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(reason);
  }
}

function requestOf(id: number, items: readonly ParsingItem[]): ParsingRequest {
  const contents: Buffer[] = [];
  const described = items.map(({ content, size }) => {
    if ('file' in content) return { file: content.file, size };
    contents.push(content.bytes);
    return { length: content.bytes.length };
  });
  return { id, bytes: sideBySide(contents), items: described };
}

function messagesOf(reply: ParsingReply): ReadMessage[] {
  let encodedAt = 0;
  let zstdAt = 0;
  return reply.messages.map(({ flags, encodedLength, zstdLength }) => {
    const encoded = reply.encoded.subarray(encodedAt, (encodedAt += encodedLength));
    if (zstdLength === undefined) return { flags, encoded };
    return { flags, encoded, zstd: reply.zstd.subarray(zstdAt, (zstdAt += zstdLength)) };
  });
}
