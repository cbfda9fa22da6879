import { newId } from '#kernel';
import { spoolClosedFault } from '../source-fault.ts';
import type { Spool, SpoolItem, SpoolPutOptions } from '../spool.ts';
import { discardContent } from '../temporary-file.ts';

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** A spool in this process's memory. What is in it when the process ends is fetched from its source again. */
export class MemorySpool implements Spool {
  readonly #bytesMax: number;
  readonly #items = new Map<string, SpoolItem>();
  readonly #waiting: Waiting[] = [];
  #heldBytes = 0;
  #closed = false;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  async heldBytes(): Promise<number> {
    return await Promise.resolve(this.#heldBytes);
  }

  async put(item: SpoolItem, { signal, beforeWaiting }: SpoolPutOptions = {}): Promise<string> {
    if (this.#closed) throw spoolClosedFault();
    signal?.throwIfAborted();
    const bytes = bytesOf(item);
    if (!this.#hasRoomFor(bytes)) beforeWaiting?.();
    // What was handed over may have made room by now.
    if (this.#hasRoomFor(bytes)) this.#heldBytes += bytes;
    else await this.#room(bytes, signal);
    const key = newId();
    this.#items.set(key, item);
    return key;
  }

  async get(key: string): Promise<SpoolItem | undefined> {
    return await Promise.resolve(this.#items.get(key));
  }

  async drop(key: string): Promise<void> {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#items.delete(key);
    this.#heldBytes -= bytesOf(item);
    this.#admitWaiting();
    await discardContent(item.content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(spoolClosedFault());
    for (const key of this.#items.keys()) await this.drop(key);
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#waiting.length === 0 && this.#fits(bytes);
  }

  #fits(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#bytesMax;
  }

  /** Resolves when the bytes are accounted for. */
  async #room(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { bytes, admit: resolve, refuse: reject };
    const aborted = () => {
      const at = this.#waiting.indexOf(waiting);
      // Let in already: the item is taken.
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      this.#admitWaiting();
    };
    this.#waiting.push(waiting);
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', aborted);
    }
  }

  #admitWaiting(): void {
    for (let first = this.#waiting[0]; first !== undefined && this.#fits(first.bytes); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#heldBytes += first.bytes;
      first.admit();
    }
  }
}

/** Room is counted by what the item itself may hold in memory, at least something for its place. */
function bytesOf(item: SpoolItem): number {
  const overheadBytes = 512;
  return overheadBytes + ('bytes' in item.content ? item.content.bytes.length : 0);
}
