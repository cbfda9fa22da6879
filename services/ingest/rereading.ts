import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArchiveFault, type BlobRef, type BlobStore } from '#archive';
import { inGroups, limits } from '#kernel';
import type { ParsingItem, ParsingPool } from './parsing.ts';
import type { ReadMessage } from './read-message.ts';

/** How many messages, and of what size together, are in memory at once; one may be larger. */
const [togetherMax, togetherBytesMax] = [64, 16 * 1024 * 1024];

export interface RereadingParts {
  readonly archive: BlobStore;
  readonly pool: ParsingPool;
  /** Where messages that are too large for memory lie while they are read: emptied whenever the archive is opened. */
  readonly scratch?: string | undefined;
}

type Archived = BlobRef & { readonly size: number };

/** What is read anew of an archived message. `isDamaged`: the archive could not give it whole; it is findable by its flag. */
export interface Reread {
  readonly read: ReadMessage;
  readonly isDamaged: boolean;
}

interface Loaded {
  readonly message: Archived;
  readonly item?: ParsingItem;
  readonly discard?: () => Promise<void>;
}

/** Reads archived messages as they were read at their capture: the same bytes give the same documents. */
export class Rereading {
  readonly #archive: BlobStore;
  readonly #pool: ParsingPool;
  readonly #scratch: string;

  constructor({ archive, pool, scratch = tmpdir() }: RereadingParts) {
    this.#archive = archive;
    this.#pool = pool;
    this.#scratch = scratch;
  }

  /** One answer for each message, in order; undefined for one that was disposed of. */
  async read(messages: readonly Archived[]): Promise<(Reread | undefined)[]> {
    const all: (Reread | undefined)[] = [];
    for await (const together of inGroups(messages, { count: togetherMax, bytes: togetherBytesMax })) {
      all.push(...(await this.#readTogether(together)));
    }
    return all;
  }

  async #readTogether(messages: readonly Archived[]): Promise<(Reread | undefined)[]> {
    const loaded = await Promise.all(messages.map((message) => this.#load(message)));
    const read = await this.#pool.read(loaded.flatMap((one) => one?.item ?? []));
    await Promise.all(loaded.flatMap((one) => (one?.discard === undefined ? [] : [one.discard()])));
    let next = 0;
    const answers: (Reread | undefined)[] = [];
    for (const one of loaded) {
      const message = one?.item === undefined ? undefined : read[next++];
      if (message !== undefined) answers.push({ read: message, isDamaged: false });
      else answers.push(one === undefined ? undefined : await damaged(one.message));
    }
    return answers;
  }

  /** Undefined for what was disposed of; without an item for what is damaged. */
  async #load(message: Archived): Promise<Loaded | undefined> {
    try {
      if (message.size > limits.messageInMemoryBytesMax) return { message, ...(await this.#loadLarge(message)) };
      return { message, item: { content: { bytes: await this.#archive.read(message) }, size: message.size } };
    } catch (fault) {
      if (fault instanceof ArchiveFault && fault.code === 'disposed') return undefined;
      if (fault instanceof ArchiveFault && (fault.code === 'damaged' || fault.code === 'not-found')) return { message };
      throw fault;
    }
  }

  async #loadLarge(message: Archived): Promise<{ item: ParsingItem; discard: () => Promise<void> }> {
    const folder = await mkdtemp(join(this.#scratch, 'muniment-'));
    const discard = () => rm(folder, { recursive: true, force: true });
    const file = join(folder, 'message');
    try {
      await pipeline(Readable.from(this.#archive.stream(message)), createWriteStream(file, { mode: 0o600 }));
    } catch (fault) {
      await discard();
      throw fault;
    }
    return { item: { content: { file }, size: message.size }, discard };
  }
}

async function damaged({ size }: Archived): Promise<Reread> {
  const { unreadable } = await import('./read-message.ts');
  return { read: unreadable(size, 'parse-failed'), isDamaged: true };
}
