import { asSequence, messageOf } from '#kernel';
import { SearchFault, type SearchIndex, SequenceSet } from '#search';
import type { Finding, FindingCode } from './finding.ts';
import type { FoldedLedger } from './folded-ledger.ts';

const remedy = 'Run `muniment rebuild`: the index is derived from archive and ledger.';

/** Compares the search index with what the ledger says: every archived message is in it, and no other. */
export class IndexFindings {
  readonly #index: SearchIndex;
  readonly #truth: FoldedLedger;
  readonly #full: boolean;

  constructor(index: SearchIndex, truth: FoldedLedger, full: boolean) {
    this.#index = index;
    this.#truth = truth;
    this.#full = full;
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
    await this.#truth.catchUp();
    if (position < expected) {
      yield finding('index-behind', 'index', `it has taken in ${position} of ${expected} entries`);
    }
    const wanted = this.#archived().below(position);
    yield* this.#lacking(wanted.minus(indexed));
    if (this.#truth.isWhole) yield* this.#extra(indexed.minus(wanted));
    if (this.#full) yield* this.#digests(wanted.and(indexed));
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

  async *#digests(sequences: Iterable<number>): AsyncGenerator<Finding> {
    for (const sequence of sequences) {
      const message = this.#truth.catalog.messages.bySequence(asSequence(sequence));
      try {
        const document = await this.#index.document(asSequence(sequence));
        if (document === undefined || document.digest === message?.digest) continue;
        yield finding('index-differs', `entry ${sequence}`, `the index knows it as message ${document.digest}`);
      } catch (thrown) {
        if (!(thrown instanceof SearchFault)) throw thrown;
        yield finding('index-damaged', `entry ${sequence}`, messageOf(thrown));
      }
    }
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
