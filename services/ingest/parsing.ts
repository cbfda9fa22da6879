import { inGroups, sideBySide, ThreadTimeout, Turnstile, WatchedThread } from '#kernel';
import type { ParsingReply, ParsingRequest } from './parsing-worker.ts';
import type { ReadMessage } from './read-message.ts';
import { SecondView } from './second-view.ts';
import type { Content } from './source.ts';

/** How long one message may take; a batch gets this once, and its members one by one if that was not enough. */
const messageTimeMaxMs = 10_000;

/**
 * Of strings and objects. A message within its budgets takes half of it; with less room, what is of no use any more is collected
 * sooner. One that takes all of it ends the thread, and nothing else.
 */
const heapMegabytes = 256;

/** What one request holds: its messages, and the documents of them until it is answered, which may be larger. */
const askedTogether = { count: 256, bytes: 4 * 1024 * 1024 };

export interface ParsingItem {
  readonly content: Content;
  readonly size: number;
}

export interface ParsingOptions {
  /** What the threads run; it answers as `parsing-worker.ts` does. */
  readonly worker?: URL;
  readonly messageTimeMaxMs?: number;
}

/** Worker threads around `message/` and `search/`'s analysis: bounded by construction, and watched all the same. */
export class ParsingPool implements AsyncDisposable {
  readonly #threads: ParsingThread[];
  readonly #secondView = new SecondView();
  #turn = 0;

  /** @param threads how many messages are read at once, at least 1 */
  constructor(threads: number, options: ParsingOptions = {}) {
    const { worker = new URL('./parsing-worker.ts', import.meta.url) } = options;
    const timeMaxMs = options.messageTimeMaxMs ?? messageTimeMaxMs;
    this.#threads = Array.from({ length: threads }, () => new ParsingThread(worker, timeMaxMs));
  }

  /** One answer per item, in order. Never rejects for what a message contains. */
  async read(items: readonly ParsingItem[]): Promise<ReadMessage[]> {
    const share = Math.ceil(items.length / this.#threads.length);
    const parts: Promise<ReadMessage[]>[] = [];
    for (let from = 0; from < items.length; from += share) {
      this.#turn = (this.#turn + 1) % this.#threads.length;
      const thread = this.#threads[this.#turn];
      if (thread !== undefined) parts.push(thread.read(items.slice(from, from + share)));
    }
    const read = (await Promise.all(parts)).flat();
    return Promise.all(read.map((message, index) => this.#withSecondView(message, items[index])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#threads.map((thread) => thread.stop()), this.#secondView[Symbol.asyncDispose]()]);
  }

  async #withSecondView(message: ReadMessage, item: ParsingItem | undefined): Promise<ReadMessage> {
    if (item === undefined || !('bytes' in item.content)) return message;
    if (!message.flags.includes('ambiguous-structure')) return message;
    return this.#secondView.widen(message, item.content.bytes);
  }
}

/** One worker thread. */
class ParsingThread {
  readonly #thread: WatchedThread<ParsingRequest, ParsingReply>;
  readonly #turnstile = new Turnstile();

  constructor(script: URL, timeMaxMs: number) {
    this.#thread = new WatchedThread({ script, timeMaxMs, heapMegabytes });
  }

  /** As many together as may be in memory; large ones each by itself. */
  read(items: readonly ParsingItem[]): Promise<ReadMessage[]> {
    return this.#turnstile.pass(async () => {
      const messages: ReadMessage[] = [];
      for await (const together of inGroups(items, askedTogether)) messages.push(...(await this.#readGroup(together)));
      return messages;
    });
  }

  /** After what was asked for has been answered: nothing is flagged for coming late. */
  stop(): Promise<void> {
    return this.#turnstile.pass(() => this.#thread.end(new Error('stopped')));
  }

  /** Together if that succeeds, else one by one. */
  async #readGroup(items: readonly ParsingItem[]): Promise<readonly ReadMessage[]> {
    const together = await this.#attempt(items);
    if (!(together instanceof Error)) return together;
    if (items.length === 1) return [await unread(items[0], together)];
    const messages: ReadMessage[] = [];
    for (const item of items) {
      const read = await this.#attempt([item]);
      messages.push(...(read instanceof Error ? [await unread(item, read)] : read));
    }
    return messages;
  }

  async #attempt(items: readonly ParsingItem[]): Promise<readonly ReadMessage[] | Error> {
    try {
      const request = requestOf(items);
      return messagesOf(await this.#thread.ask(request, [request.bytes.buffer]));
    } catch (failure) {
      return failure instanceof Error ? failure : new Error(String(failure));
    }
  }
}

/** Loads the parser, which this thread needs for nothing else. */
async function unread(item: ParsingItem | undefined, failure: Error): Promise<ReadMessage> {
  const { unreadable } = await import('./read-message.ts');
  return unreadable(item?.size ?? 0, failure instanceof ThreadTimeout ? 'parse-timeout' : 'parse-failed');
}

function requestOf(items: readonly ParsingItem[]): ParsingRequest {
  const contents: Buffer[] = [];
  const described = items.map(({ content, size }) => {
    if ('file' in content) return { file: content.file, size };
    contents.push(content.bytes);
    return { length: content.bytes.length };
  });
  return { bytes: sideBySide(contents), items: described };
}

function messagesOf(reply: ParsingReply): ReadMessage[] {
  let encodedAt = 0;
  let zstdAt = 0;
  return reply.messages.map(({ flags, hasUnread, encodedLength, zstdLength }) => {
    const encoded = reply.encoded.subarray(encodedAt, (encodedAt += encodedLength));
    if (zstdLength === undefined) return { flags, hasUnread, encoded };
    return { flags, hasUnread, encoded, zstd: reply.zstd.subarray(zstdAt, (zstdAt += zstdLength)) };
  });
}
