import type { BlobStore } from '#archive';
import type { MessageRecord } from '#catalog';
import { Turnstile, WatchedThread } from '#kernel';
import type { Ast, Excerpt } from '#search';
import type { AnswerTo, Wanted } from './read-for.ts';
import { ReadingFault } from './reading-fault.ts';
import type { ReadingRequest } from './reading-worker.ts';
import { windowOf } from './window.ts';

/** Read where it is asked for: it takes a few milliseconds, and a thread takes longer to start. */
const onTheSpotBytesMax = 64 * 1024;

/** Of a message, as the index looks at it. */
const windowBytesMax = 64 * 1024 * 1024;

/** Of a message, for excerpts: a page shows many. */
const excerptBytesMax = 4 * 1024 * 1024;

const messageTimeMaxMs = 10_000;

/** What is kept of a message is at most 16 Mi UTF-16 units of text, and that in several forms. */
const heapMegabytes = 256;

export interface MessageReaderOptions {
  /** What the thread runs; it answers as `reading-worker.ts` does. */
  readonly worker?: URL;
  readonly messageTimeMaxMs?: number;
}

/**
 * Reads messages for people. Large ones are read in a thread that is ended where one takes too long or too much: whoever asks for
 * it waits, and the process goes on answering. One at a time, so that no more than one is in memory.
 */
export class MessageReader implements AsyncDisposable {
  readonly #archive: BlobStore;
  readonly #thread: WatchedThread<ReadingRequest, unknown>;
  readonly #turnstile = new Turnstile();

  constructor(archive: BlobStore, options: MessageReaderOptions = {}) {
    const { worker: script = new URL('./reading-worker.ts', import.meta.url) } = options;
    this.#archive = archive;
    this.#thread = new WatchedThread({
      script,
      timeMaxMs: options.messageTimeMaxMs ?? messageTimeMaxMs,
      heapMegabytes,
    });
  }

  /** As `messageText` says it. @throws ReadingFault `too-costly`; ArchiveFault `damaged` */
  text(message: MessageRecord): Promise<string> {
    return this.#read(message, windowBytesMax, { what: 'text' });
  }

  /** As `headerText` says it. @throws ReadingFault `too-costly`; ArchiveFault `damaged` */
  headers(message: MessageRecord): Promise<string> {
    return this.#read(message, windowBytesMax, { what: 'headers' });
  }

  /** Of its first 4 MB. @throws ReadingFault `too-costly`; ArchiveFault `damaged` */
  excerpts(message: MessageRecord, query: Ast): Promise<readonly Excerpt[]> {
    return this.#read(message, excerptBytesMax, { what: 'excerpts', query });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.end(new Error('stopped'));
  }

  async #read<W extends Wanted>(message: MessageRecord, bytesMax: number, wanted: W): Promise<AnswerTo<W>> {
    const window = () => windowOf(this.#archive, message, bytesMax);
    if (message.size <= onTheSpotBytesMax) {
      const { readFor } = await import('./read-for.ts');
      return readFor(Buffer.from((await window()).buffer), wanted);
    }
    return this.#turnstile.pass(async () => this.#readThere(message, await window(), wanted));
  }

  async #readThere<W extends Wanted>(
    { digest }: MessageRecord,
    bytes: Uint8Array<ArrayBuffer>,
    wanted: W,
  ): Promise<AnswerTo<W>> {
    try {
      return (await this.#thread.ask({ bytes, wanted }, [bytes.buffer])) as AnswerTo<W>;
    } catch (cause) {
      throw new ReadingFault('too-costly', `Reading the message ${digest} takes more than one message may.`, {
        remedy: `Read its bytes in another program: muniment show ${digest} --raw`,
        cause,
      });
    }
  }
}
