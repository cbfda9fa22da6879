import type { MessageRecord } from '#catalog';
import { asSequence, inGroups } from '#kernel';
import { type IndexComparison, SearchFault, type SearchIndex, SequenceSet } from '#search';
import type { Finding, FindingCode } from './finding.ts';
import type { FoldedLedger } from './folded-ledger.ts';

const remedy = 'Run `muniment rebuild`: the index is derived from archive and ledger.';

/** Sequences of which the words are compared at once: 8 bytes of memory for each. */
const rangeSequences = 4_000_000;
/** Messages that are read anew at once; one that is larger is read by itself, in a file. */
const readTogether = { count: 64, bytes: 16 * 1024 * 1024 };

/** Reads archived messages as their capture did. */
export interface ArchivedMessages {
  /** One answer for each message, in order; undefined for one that was disposed of. */
  read(messages: readonly MessageRecord[]): Promise<readonly (ArchivedMessage | undefined)[]>;
}

/** What indexing would be given; nothing of it counts where the archive could not give the message whole. */
export interface ArchivedMessage {
  readonly read: { readonly encoded: Uint8Array; readonly flags: readonly string[] };
  readonly isDamaged: boolean;
}

interface Compared {
  readonly message: MessageRecord;
  readonly encoded: Uint8Array;
  readonly flags: readonly string[];
}

/** Compares the search index with what the ledger says: every archived message is in it, and no other, and says what its bytes say. */
export class IndexFindings {
  readonly #index: SearchIndex;
  readonly #truth: FoldedLedger;
  readonly #messages: ArchivedMessages | undefined;
  readonly #report: (done: number, total: number) => void;

  /** @param messages what each document is compared with; undefined: none is */
  constructor(
    index: SearchIndex,
    truth: FoldedLedger,
    messages: ArchivedMessages | undefined,
    onProgress: (done: number, total: number) => void,
  ) {
    this.#index = index;
    this.#truth = truth;
    this.#messages = messages;
    this.#report = onProgress;
  }

  /** @param expected entries that the index must have taken in */
  async *all(expected: number): AsyncGenerator<Finding> {
    try {
      for (const problem of await this.#index.check()) yield finding('index-damaged', 'index', problem);
      yield* this.#compare(expected);
    } catch (thrown) {
      if (!(thrown instanceof SearchFault)) throw thrown;
      yield finding('index-damaged', 'index', thrown.message);
    }
  }

  async *#compare(expected: number): AsyncGenerator<Finding> {
    const position = await this.#index.position();
    const indexed = (await this.#index.sequences()).below(position);
    const removed = await this.#index.removed();
    await this.#truth.catchUp();
    if (position < expected) {
      yield finding('index-behind', 'index', `it has taken in ${position} of ${expected} entries`);
    }
    const wanted = this.#archived().below(position);
    yield* this.#lacking(wanted.minus(indexed));
    if (this.#truth.isWhole) yield* this.#extra(indexed.minus(wanted));
    if (this.#truth.isWhole) yield* this.#wronglyRemoved(removed);
    if (this.#messages !== undefined)
      yield* this.#documents(wanted.and(indexed), Math.min(position, this.#truth.position));
  }

  #archived(): SequenceSet {
    const archived = SequenceSet.of();
    for (const { sequence, state } of this.#truth.catalog.messages.range()) {
      if (state === 'archived') archived.add(sequence);
    }
    return archived;
  }

  async *#lacking(sequences: Iterable<number>): AsyncGenerator<Finding> {
    for (const sequence of sequences) {
      if ((await this.#documentAt(sequence)) !== undefined) continue;
      yield finding('index-lacks', `entry ${sequence}`, 'its message is archived, and the index does not have it');
    }
  }

  async *#extra(sequences: Iterable<number>): AsyncGenerator<Finding> {
    for (const sequence of sequences) {
      const state = this.#truth.catalog.messages.bySequence(asSequence(sequence))?.state;
      if (state === 'disposing' || (await this.#documentAt(sequence)) === undefined) continue;
      yield finding('index-extra', `entry ${sequence}`, 'the index has a message there, and none is archived');
    }
  }

  /** Also captures that are to come: what is kept as removed never comes in. */
  *#wronglyRemoved(removed: readonly number[]): Generator<Finding> {
    for (const sequence of removed) {
      const state = this.#truth.catalog.messages.bySequence(asSequence(sequence))?.state;
      if (state === 'disposing' || state === 'disposed') continue;
      yield finding('index-removed', `entry ${sequence}`, 'the index keeps it as disposed of, and it is not');
    }
  }

  /** Every document and every word, by what the archive gives now. */
  async *#documents(sequences: SequenceSet, below: number): AsyncGenerator<Finding> {
    let done = 0;
    for (let from = 0; from < below; from += rangeSequences) {
      const to = Math.min(below, from + rangeSequences);
      await using comparison = await this.#index.comparison(from, to);
      for await (const messages of inGroups(this.#messagesIn(sequences, from, to), readTogether)) {
        yield* this.#differing(comparison, messages);
        this.#report((done += messages.length), sequences.size);
      }
    }
  }

  *#messagesIn(sequences: SequenceSet, from: number, to: number): Generator<MessageRecord> {
    for (const message of this.#truth.catalog.messages.range(from, to))
      if (sequences.has(message.sequence)) yield message;
  }

  async *#differing(comparison: IndexComparison, messages: readonly MessageRecord[]): AsyncGenerator<Finding> {
    const read = await this.#messages?.read(messages);
    const known = messages.flatMap((message, at): Compared[] => {
      const one = read?.[at];
      // What is damaged is named where the archive is compared: nobody can tell what it says.
      return one === undefined || one.isDamaged ? [] : [{ message, ...one.read }];
    });
    for (const { message, flags } of await this.#differingOf(comparison, known)) {
      // What was too slow or failed once need not be so again; holds cover it whatever it says.
      if ([...message.flags, ...flags].some((flag) => flag === 'parse-timeout' || flag === 'parse-failed')) continue;
      if (await this.#isGone(message)) continue;
      yield finding('index-differs', `entry ${message.sequence}`, 'the index does not say of it what its bytes say');
    }
  }

  async #differingOf(comparison: IndexComparison, known: readonly Compared[]): Promise<readonly Compared[]> {
    const documents = known.map(({ message: { sequence, digest }, encoded }) => ({ sequence, digest, encoded }));
    try {
      const differing = new Set(await comparison.differing(documents));
      return known.filter(({ message }) => differing.has(message.sequence));
    } catch (thrown) {
      if (!(thrown instanceof SearchFault) || thrown.code !== 'index-damaged') throw thrown;
      if (known.length <= 1) return known;
    }
    const each: Compared[] = [];
    for (const one of known) each.push(...(await this.#differingOf(comparison, [one])));
    return each;
  }

  /** Mail is disposed of while this runs; what the index lacks was said before. */
  async #isGone({ sequence }: MessageRecord): Promise<boolean> {
    if ((await this.#documentAt(sequence)) === undefined) return true;
    await this.#truth.catchUp();
    return this.#truth.catalog.messages.bySequence(sequence)?.state !== 'archived';
  }

  /** What is there and cannot be read is not absent. */
  async #documentAt(sequence: number): Promise<unknown> {
    try {
      return await this.#index.document(asSequence(sequence));
    } catch (thrown) {
      if (thrown instanceof SearchFault) return thrown;
      throw thrown;
    }
  }
}

function finding(code: FindingCode, place: string, problem: string): Finding {
  return { code, place, problem, remedy };
}
