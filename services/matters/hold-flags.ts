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

  /** Sets the flags of those of these messages that are archived, and gives them. What storage lost has none: `verify` names it. */
  async set(sequences: readonly Sequence[]): Promise<readonly MessageRecord[]> {
    return await this.#change(true, () => sequences.flatMap((sequence) => this.#inState('archived', sequence)));
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
    await this.#recorder.fold();
    return (await this.#change(false, () => sequences.flatMap((sequence) => this.#archived(sequence, false)))).length;
  }

  async #change(legalHold: boolean, select: () => readonly MessageRecord[]): Promise<readonly MessageRecord[]> {
    for (let before = Number.POSITIVE_INFINITY; ;) {
      const messages = select();
      if (messages.length === 0) return [];
      try {
        await this.#archive.setLegalHolds(messages.map(refOf), legalHold);
        return messages;
      } catch (thrown) {
        if (!isGone(thrown)) throw thrown;
        if (messages.length >= before) {
          await this.#changeOthers(messages, legalHold);
          return messages;
        }
        before = messages.length;
        // One of them was disposed of by another process just now: then the ledger says so, and it is not asked for again.
        await this.#recorder.fold();
      }
    }
  }

  /** Storage does not have one of them: the others, by halves. */
  async #changeOthers(messages: readonly MessageRecord[], legalHold: boolean): Promise<void> {
    if (messages.length === 1) return;
    const half = Math.ceil(messages.length / 2);
    for (const some of [messages.slice(0, half), messages.slice(half)]) {
      try {
        await this.#archive.setLegalHolds(some.map(refOf), legalHold);
      } catch (thrown) {
        if (!isGone(thrown)) throw thrown;
        await this.#changeOthers(some, legalHold);
      }
    }
  }

  async #liftOrdered(sequences: readonly Sequence[]): Promise<void> {
    const ordered = sequences.filter((sequence) => !this.#isHeld(sequence));
    for (const message of ordered.flatMap((sequence) => this.#inState('disposing', sequence))) {
      await this.#archive.setLegalHolds([refOf(message)], false).catch((thrown: unknown) => {
        if (!isGone(thrown)) throw thrown;
      });
    }
  }

  #archived(sequence: Sequence, held: boolean): MessageRecord[] {
    return this.#inState('archived', sequence).filter(() => this.#isHeld(sequence) === held);
  }

  #isHeld(sequence: Sequence): boolean {
    return this.#recorder.catalog.holds.onMessage(sequence).length > 0;
  }

  #inState(state: MessageRecord['state'], sequence: Sequence): MessageRecord[] {
    const message = this.#recorder.catalog.messages.bySequence(sequence);
    return message?.state === state ? [message] : [];
  }
}

function isGone(thrown: unknown): boolean {
  return thrown instanceof ArchiveFault && (thrown.code === 'not-found' || thrown.code === 'disposed');
}

function refOf({ digest, generation }: MessageRecord): BlobRef {
  return { digest, generation };
}
