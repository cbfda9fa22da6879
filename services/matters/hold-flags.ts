import { ArchiveFault, type BlobRef, type BlobStore } from '#archive';
import type { MessageRecord, Recorder } from '#catalog';
import { inParallel, type Sequence } from '#kernel';

/** Far storage answers one request slowly, and many at once. */
const statsAtOnce = 32;

/**
 * Storage's legal-hold flags, kept to what the ledger says while several processes set and lift them. Whoever sets one
 * looks at it again once its entry is in the ledger; whoever lifts one looks at the ledger again afterwards. Of two that
 * meet, the later look sees both, and sets the flag.
 */
export class HoldFlags {
  readonly #recorder: Recorder;
  readonly #archive: BlobStore;

  constructor(recorder: Recorder, archive: BlobStore) {
    this.#recorder = recorder;
    this.#archive = archive;
  }

  /**
   * Lifts the flags of those of these messages that no active hold is on. Returns how many. One that was ordered to be
   * disposed of meanwhile loses its flag too: nothing else would ever let the order be carried out.
   */
  async lift(messages: Iterable<Sequence>): Promise<number> {
    const sequences = [...messages];
    const lifted = await this.#liftFree(sequences);
    await this.#liftOrdered(sequences);
    await this.confirm(sequences);
    return lifted;
  }

  /** Sets the flags that are missing on those of these messages that a hold is on. Called once the entries that say so are in. */
  async confirm(messages: Iterable<Sequence>): Promise<void> {
    const sequences = [...messages];
    await this.#recorder.fold();
    const held = sequences.flatMap((sequence) => this.#archived(sequence, true));
    const stored = await inParallel(held, statsAtOnce, (message) => this.#archive.stat(message));
    const bare = held.flatMap((message, i) => (stored[i]?.lock.legalHold === false ? [refOf(message)] : []));
    if (bare.length > 0) await this.#archive.setLegalHolds(bare, true);
  }

  async #liftFree(sequences: readonly Sequence[]): Promise<number> {
    for (let before = Number.POSITIVE_INFINITY; ;) {
      await this.#recorder.fold();
      const free = sequences.flatMap((sequence) => this.#archived(sequence, false));
      if (free.length === 0) return 0;
      try {
        await this.#archive.setLegalHolds(free.map(refOf), false);
        return free.length;
      } catch (thrown) {
        // One of them was disposed of by another process just now: the ledger says so, and it is not asked for again.
        if (!isGone(thrown) || free.length >= before) throw thrown;
        before = free.length;
      }
    }
  }

  async #liftOrdered(sequences: readonly Sequence[]): Promise<void> {
    for (const message of sequences.flatMap((sequence) => this.#inState('disposing', sequence, false))) {
      await this.#archive.setLegalHolds([refOf(message)], false).catch((thrown: unknown) => {
        if (!isGone(thrown)) throw thrown;
      });
    }
  }

  #archived(sequence: Sequence, held: boolean): MessageRecord[] {
    return this.#inState('archived', sequence, held);
  }

  #inState(state: MessageRecord['state'], sequence: Sequence, held: boolean): MessageRecord[] {
    const { messages, holds } = this.#recorder.catalog;
    const message = messages.bySequence(sequence);
    return message?.state === state && holds.onMessage(sequence).length > 0 === held ? [message] : [];
  }
}

function isGone(thrown: unknown): boolean {
  return thrown instanceof ArchiveFault && (thrown.code === 'not-found' || thrown.code === 'disposed');
}

function refOf({ digest, generation }: MessageRecord): BlobRef {
  return { digest, generation };
}
