import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { digestOf, messageOf, newId, stopwatch } from '#kernel';
import { connectRedis, insist, RedisMemory } from '#redis';
import type { LargeItems } from '../large-items.ts';
import type { Content } from '../source.ts';
import { SourceFault, spoolClosedFault } from '../source-fault.ts';
import type { Spool, SpoolItem, SpoolPutOptions } from '../spool.ts';
import { LocalLine } from './redis-spool/local-line.ts';
import { SpoolAccount } from './redis-spool/spool-account.ts';
import { decodeSpoolRecord, encodeSpoolRecord, type SpoolRecord } from './redis-spool/spool-record.ts';

export interface RedisSpoolOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Tells archives that share a Redis apart. */
  readonly name: string;
  /** Bytes held for all processes together. */
  readonly bytesMax: number;
  /** Where content goes that is larger than `inlineBytesMax`, or in a file. Belongs to the caller. */
  readonly largeItems: LargeItems;
  readonly inlineBytesMax?: number;
  /** How long an item outlives the process that put it. */
  readonly ttlMs?: number;
  /** How long `put` and `get` bear that Redis is away. */
  readonly unreachableMs?: number;
  /** Told of what goes wrong and is borne: Redis away or full. */
  readonly onTrouble?: (fault: SourceFault) => void;
}

const defaults = {
  inlineBytesMax: 1024 * 1024,
  ttlMs: 10 * 60_000,
  unreachableMs: 60_000,
  onTrouble: (): void => undefined,
};

/** Nothing more is put above this share of Redis's memory: the queue needs the rest to hand out what is there. */
const fullShare = 0.75;

/** Who waits for room asks this often, and at once when something was dropped here. */
const askMs = 25;
const recountMs = 5000;

const sweepMs = 60 * 60_000;

/** What Redis and the index need for an item beside its record, about. */
const overheadBytes = 384;

const faults = {
  full: (cause?: unknown): SourceFault =>
    new SourceFault('spool-full', 'Redis has no memory left for more messages; their sources wait', {
      remedy: 'Raise its maxmemory, add workers, or find what else fills it.',
      cause,
    }),
  unreachable: (cause?: unknown): SourceFault =>
    new SourceFault('spool-unreachable', `the spool's Redis does not answer: ${messageOf(cause)}`, {
      remedy: 'See that Redis runs and can be reached at the configured address, then run the collection again.',
      cause,
    }),
};

interface Entry {
  readonly key: string;
  readonly record: Buffer;
  readonly bytes: number;
  /** Content that is kept elsewhere. */
  readonly large: Content | undefined;
}

/** A spool in Redis, for any number of processes. It may be emptied at any moment: sources still have what was in it. */
export class RedisSpool implements Spool {
  readonly #options: Required<RedisSpoolOptions>;
  readonly #redis: Redis;
  readonly #memory: RedisMemory;
  readonly #account: SpoolAccount;
  readonly #line = new LocalLine();
  /** In Redis, who waits for room goes by this name: one for the process, whose own line is behind it. */
  readonly #waiter = newId();
  /** What was put here and not dropped here: renewed as long as this process lives. */
  readonly #own = new Set<string>();
  /** Large items that were read here. */
  readonly #fetched = new Set<string>();
  readonly #closing = new AbortController();
  readonly #upkeep: NodeJS.Timeout;
  #nudge = new AbortController();
  #swept = stopwatch();
  #closed: Promise<void> | undefined;

  constructor(options: RedisSpoolOptions) {
    this.#options = { ...defaults, ...options };
    this.#redis = connectRedis(options.url, 'asks', this.#onTrouble);
    this.#memory = new RedisMemory(this.#redis);
    this.#account = new SpoolAccount(this.#redis, `{muniment-${options.name}}:spool:`, this.#options);
    this.#upkeep = setInterval(() => void this.#keepUp().catch(this.#onTrouble), this.#options.ttlMs / 5);
  }

  async put(item: SpoolItem, { signal, beforeWaiting = () => undefined }: SpoolPutOptions = {}): Promise<string> {
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    const entry = this.#entryOf(item);
    await this.#line.pass(async (heldUp) => await this.#enter(entry, stop, heldUp), { stop, beforeWaiting });
    this.#own.add(entry.key);
    if (entry.large === undefined) return entry.key;
    try {
      await this.#options.largeItems.put(entry.key, { ...item, content: entry.large });
      return entry.key;
    } catch (thrown) {
      await this.drop(entry.key);
      throw thrown;
    }
  }

  async get(key: string): Promise<SpoolItem | undefined> {
    const record = await this.#insist(async () => await this.#account.read(key), this.#closing.signal);
    const decoded = record === undefined ? undefined : decodeSpoolRecord(record);
    if (decoded === undefined) return undefined;
    const content = await this.#contentOf(key, decoded);
    return content === undefined ? undefined : { ...decoded.sighting, content };
  }

  async drop(key: string): Promise<void> {
    this.#own.delete(key);
    this.#fetched.delete(key);
    try {
      await this.#account.drop([key]);
      this.#wakeWaiting();
    } catch (thrown) {
      // It is no longer renewed: it goes when its time is up.
      this.#onTrouble(thrown);
    }
    if (isLarge(key)) await this.#options.largeItems.drop(key);
  }

  async heldBytes(): Promise<number> {
    return await this.#insist(async () => await this.#account.heldBytes(), this.#closing.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(spoolClosedFault());
    clearInterval(this.#upkeep);
    await this.#line.emptied();
    await this.#account.drop([...this.#own]).catch(this.#onTrouble);
    const { largeItems } = this.#options;
    for (const key of this.#own) if (isLarge(key)) await largeItems.drop(key).catch(this.#onTrouble);
    for (const key of this.#fetched) await largeItems.release(key).catch(this.#onTrouble);
    this.#redis.disconnect();
  }

  #entryOf(item: SpoolItem): Entry {
    const { content, ...sighting } = item;
    const bytes =
      'bytes' in content && content.bytes.length <= this.#options.inlineBytesMax ? content.bytes : undefined;
    const record = encodeSpoolRecord({ sighting, bytes });
    const counted = record.length + overheadBytes;
    const large = bytes === undefined ? content : undefined;
    return { key: `${large === undefined ? 's' : 'l'}-${newId()}-${counted}`, record, bytes: counted, large };
  }

  /** Returns when the item is in. */
  async #enter(entry: Entry, stop: AbortSignal, heldUp: () => void): Promise<void> {
    if (await this.#tryEntering(entry, stop)) return;
    heldUp();
    const time = stopwatch();
    let recounted = 0;
    try {
      // It asks with empty hands: the item may be large.
      while (
        !(await this.#tryEntering({ ...entry, record: undefined }, stop)) ||
        !(await this.#tryEntering(entry, stop))
      ) {
        await this.#awaitNudge(stop);
        if (time() - recounted < recountMs) continue;
        recounted = time();
        await this.#insist(async () => await this.#account.recount(), stop);
      }
    } catch (thrown) {
      await this.#account.leaveLine(this.#waiter).catch(this.#onTrouble);
      throw thrown;
    }
  }

  async #tryEntering(
    entry: Omit<Entry, 'record'> & { record: Buffer | undefined },
    stop: AbortSignal,
  ): Promise<boolean> {
    const { key, bytes, record } = entry;
    return await this.#insist(async () => {
      if ((await this.#memory.use()).share > fullShare) {
        this.#options.onTrouble(faults.full());
        return false;
      }
      return await this.#account.enter({ key, waiter: this.#waiter, bytes, record, joinsLine: true });
    }, stop);
  }

  async #contentOf(key: string, { sighting, bytes }: SpoolRecord): Promise<Content | undefined> {
    if (bytes !== undefined) return digestOf(bytes) === sighting.digest ? { bytes } : undefined;
    const { largeItems } = this.#options;
    const content = await largeItems.get(key);
    if (content === undefined) return undefined;
    this.#fetched.add(key);
    if ((await digestOfContent(content)) === sighting.digest) return content;
    this.#fetched.delete(key);
    await largeItems.release(key);
    return undefined;
  }

  #wakeWaiting(): void {
    const nudge = this.#nudge;
    this.#nudge = new AbortController();
    nudge.abort();
  }

  async #awaitNudge(stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, this.#nudge.signal]);
    await pause(askMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  }

  /** Renews what was put here, and lets go of what is gone. */
  async #keepUp(): Promise<void> {
    const { largeItems } = this.#options;
    const gone = await this.#account.renew([...this.#own]);
    for (const key of gone) await this.drop(key);
    await largeItems.renew([...this.#own].filter(isLarge));
    for (const key of this.#fetched) {
      if (await this.#account.has(key)) continue;
      this.#fetched.delete(key);
      await largeItems.release(key);
    }
    if (this.#swept() < sweepMs) return;
    this.#swept = stopwatch();
    await largeItems.sweep();
  }

  async #insist<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { unreachableMs } = this.#options;
    return await insist(action, { signal, unreachableMs, fault: faults, onTrouble: this.#onTrouble });
  }

  readonly #onTrouble = (thrown: unknown): void => {
    this.#options.onTrouble(thrown instanceof SourceFault ? thrown : faults.unreachable(thrown));
  };
}

function isLarge(key: string): boolean {
  return key.startsWith('l-');
}

async function digestOfContent(content: Content): Promise<string> {
  if ('bytes' in content) return digestOf(content.bytes);
  const hash = createHash('sha256');
  await pipeline(createReadStream(content.file), hash);
  return hash.digest('hex');
}
