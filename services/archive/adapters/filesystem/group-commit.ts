import { messageOf, systemCodeOf, type Clock } from '#kernel';
import { ArchiveFault } from '../../archive-fault.ts';
import { type BlobLock, type BlobRef, type DispositionOrder, nameOfBlob } from '../../blob-store.ts';
import type { BlobState, Locator } from './locator.ts';
import { placeOf } from './segment-files.ts';
import { encodeFrame, type EncodedFrame, type FrameContent, type MessageHeader } from './segment-format.ts';
import type { SegmentWriter, Written } from './segment-writer.ts';

export interface KnownBlob {
  readonly lock: BlobLock;
  readonly state: BlobState;
  readonly size: number;
}

/** The frames of one group as it is being put together, and what is true once it is durable. */
export class GroupDraft {
  readonly contents: FrameContent[] = [];
  readonly frames: EncodedFrame[] = [];
  readonly #locator: Locator;
  readonly #clock: Clock;
  readonly #changed = new Map<string, KnownBlob>();

  constructor(locator: Locator, clock: Clock) {
    this.#locator = locator;
    this.#clock = clock;
  }

  find(ref: BlobRef): KnownBlob | undefined {
    return this.#changed.get(nameOfBlob(ref)) ?? this.#locator.find(ref);
  }

  message(header: MessageHeader, payload: Uint8Array): void {
    this.#changed.set(nameOfBlob(header), { lock: header.lock, state: 'live', size: header.size });
    this.contents.push({ type: 'message', header });
    this.frames.push(encodeFrame('message', header, payload));
  }

  lock(ref: BlobRef, known: KnownBlob, lock: BlobLock): void {
    this.#changed.set(nameOfBlob(ref), { ...known, lock });
    const header = { at: this.#clock.now(), digest: ref.digest, generation: ref.generation, lock: { ...lock } };
    this.contents.push({ type: 'lock', header });
    this.frames.push(encodeFrame('lock', header));
  }

  disposal(order: DispositionOrder, known: KnownBlob): void {
    this.#changed.set(nameOfBlob(order), { ...known, state: 'disposing' });
    const { digest, generation, orderedAt } = order;
    const header = { at: this.#clock.now(), digest, generation, order: order.order, orderedAt };
    this.contents.push({ type: 'disposal', header });
    this.frames.push(encodeFrame('disposal', header));
  }
}

interface Waiting {
  readonly bytes: number;
  /** Alone in its turn: not part of a group. */
  readonly alone: boolean;
  /** Adds its frames; false when it has failed and takes no further part. */
  join(draft: GroupDraft): boolean;
  run(): Promise<void>;
  done(): void;
  failed(error: unknown): void;
}

/** A group takes calls up to this size, so that the first of them does not wait for the whole queue. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024;

/**
 * One group after another: what is submitted while one is being made durable goes into the next, all of it with one sync.
 * Every decision is taken when its group is put together, so on the state that all earlier groups left.
 */
export class GroupCommit {
  readonly #locator: Locator;
  readonly #writer: SegmentWriter;
  readonly #clock: Clock;
  /** Brings the locator up to date after a failure; runs before the next turn. */
  readonly #settle: () => Promise<void>;
  readonly #queue: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(locator: Locator, writer: SegmentWriter, clock: Clock, settle: () => Promise<void>) {
    this.#locator = locator;
    this.#writer = writer;
    this.#clock = clock;
    this.#settle = settle;
  }

  /** @param plan throws before it adds anything to the draft, or not at all */
  async submit<R>(bytes: number, plan: (draft: GroupDraft) => R): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      let result: { readonly value: R } | undefined;
      this.#enqueue({
        bytes,
        alone: false,
        join: (draft) => {
          try {
            result = { value: plan(draft) };
          } catch (error) {
            reject(asFault(error));
          }
          return result !== undefined;
        },
        run: async () => undefined,
        done: () => result && resolve(result.value),
        failed: (error) => reject(asFault(error)),
      });
    });
  }

  /** Runs between two groups. */
  async alone<R>(job: () => Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#enqueue({
        bytes: 0,
        alone: true,
        join: () => false,
        run: async () => resolve(await job()),
        done: () => undefined,
        failed: (error) => reject(asFault(error)),
      });
    });
  }

  /** Resolves when everything that was submitted has been settled. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Enters what was written into the locator. */
  applyWritten(written: Written, contents: readonly FrameContent[]): void {
    this.#locator.transaction(() => {
      for (const [index, content] of contents.entries()) {
        const frame = written.frames[index];
        if (frame === undefined) throw new RangeError('fewer frames than contents');
        this.#locator.apply(content, { ...frame, place: placeOf(written.segment, frame.offset) });
      }
      this.#locator.setScanned(written.segment, written.end);
    });
  }

  #enqueue(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What is submitted in the same turn of the event loop goes into the first group.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const turn = this.#takeTurn();
      try {
        await this.#settle();
        await this.#perform(turn);
      } catch (error) {
        for (const waiting of turn) waiting.failed(error);
      }
    }
    this.#running = undefined;
  }

  #takeTurn(): Waiting[] {
    const turn: Waiting[] = [];
    let bytes = 0;
    for (const waiting of this.#queue) {
      const ends = waiting.alone || bytes + waiting.bytes > GROUP_BYTES_MAX;
      if (turn.length > 0 && ends) break;
      turn.push(waiting);
      bytes += waiting.bytes;
      if (waiting.alone) break;
    }
    this.#queue.splice(0, turn.length);
    return turn;
  }

  async #perform(turn: readonly Waiting[]): Promise<void> {
    const draft = new GroupDraft(this.#locator, this.#clock);
    const joined: Waiting[] = [];
    for (const waiting of turn) {
      if (waiting.alone) await waiting.run();
      else if (waiting.join(draft)) joined.push(waiting);
    }
    await this.#write(draft);
    for (const waiting of joined) waiting.done();
  }

  async #write(draft: GroupDraft): Promise<void> {
    let taken = 0;
    for await (const written of this.#writer.append(draft.frames)) {
      const contents = draft.contents.slice(taken, taken + written.frames.length);
      taken += written.frames.length;
      try {
        this.applyWritten(written, contents);
      } catch (error) {
        await this.#writer.giveUp(written);
        throw error;
      }
    }
  }
}

/** Faults as they are; whatever else fails here is storage's trouble. */
export function asFault(error: unknown): ArchiveFault {
  if (error instanceof ArchiveFault) return error;
  const code = systemCodeOf(error);
  return new ArchiveFault('store-unavailable', `The archive could not be written or read: ${messageOf(error)}`, {
    remedy: `${remedyOf(error)}; nothing of this call was acknowledged, repeat it then.`,
    cause: error,
    ...(code === undefined ? {} : { facts: { systemCode: code } }),
  });
}

function remedyOf(error: unknown): string {
  if (isOutOfSpace(error)) return 'Free space on the volume of the archive';
  const code = systemCodeOf(error);
  if (code === 'EROFS')
    return 'An archive on a read-only medium can be used as a copy, or with a writable overlay mounted over it';
  if (code === 'EACCES' || code === 'EPERM')
    return 'Give the archive’s folder and all in it back to the user it belongs to (was a command run as root?)';
  return 'Check the volume of the archive and the system log';
}

const SQLITE_FULL = 13;

function isOutOfSpace(error: unknown): boolean {
  const code = systemCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_FULL;
}
