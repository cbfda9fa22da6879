import type { Digest, Sequence } from '#kernel';
import { isDeepStrictEqual } from 'node:util';
import type { Ast, FactField } from './ast.ts';
import { decodeDocument } from './document-codec.ts';
import type { MarkCounts } from './mark-tally.ts';
import type { GroupingMark, MarkField } from './marks.ts';
import type { QueryLimits } from './patience.ts';
import type { SearchDisplay, SearchDocument } from './search-document.ts';
import type { SequenceSet } from './sequence-set.ts';

/** One captured message, ready to be indexed. */
export interface IndexDocument {
  /** Of its capture: the message's name within the index. */
  readonly sequence: Sequence;
  readonly digest: Digest;
  /** `encodeDocument` of what the message says: made where it was read, taken apart where it is indexed. */
  readonly encoded: Uint8Array;
}

export interface IndexChange {
  readonly documents: readonly IndexDocument[];
  /** Captures whose messages were disposed of. */
  readonly removed: readonly Sequence[];
  /** Every entry of the ledger below this is accounted for, by this change and those before it. */
  readonly through: number;
}

/**
 * What is known of messages besides their bytes: for a fact (`factHolds`) and its value the captures that it is true of. Sets may
 * contain sequences that the index does not have.
 */
export type FactResolver = Readonly<Record<FactField, (value: string) => SequenceSet>>;

export interface SelectRequest {
  readonly query: Ast;
  readonly facts: FactResolver;
  /** The last sequence that counts. By default the last that the index is complete to. */
  readonly asOf?: number | undefined;
}

export interface SearchRequest extends SelectRequest {
  /** `date`: newest first, messages without a believable date last. `relevance`: best first (BM25 of the query's words). */
  readonly sort: 'date' | 'relevance';
  /** Hits per page, 1 … 10,000. */
  readonly limit: number;
  /** `next` of the page before. The same query, order and `asOf` go with it; `asOf` may be left out. */
  readonly after?: string | undefined;
}

/** Says of every answer what it covers: captures up to `asOf`, all of them if `complete`. `asOf` is -1 for an empty index. */
export interface Coverage {
  readonly asOf: number;
  readonly complete: boolean;
}

export interface Hit {
  readonly sequence: Sequence;
  readonly digest: Digest;
  readonly display: SearchDisplay;
}

export interface CountAnswer extends Coverage {
  /** Exact, whatever the limit of a page. */
  readonly total: number;
  /** All that match, where they are no more than `capabilities.listedMax`. Absent with further pages. */
  readonly sequences?: SequenceSet;
}

export interface SearchAnswer extends CountAnswer {
  readonly hits: readonly Hit[];
  /** Present when there is a further page. */
  readonly next?: string;
}

export interface Selection extends Coverage {
  /** All that match, ascending when iterated; no ceiling. */
  readonly sequences: SequenceSet;
}

export interface IndexedMessage {
  readonly digest: Digest;
  readonly document: SearchDocument;
}

/** What adapters may differ in. */
export interface SearchIndexCapabilities {
  /** When a removed message's words are in no file of the index any more: as soon as `apply` returns, or once `expunge` does. */
  readonly erasure: 'apply' | 'expunge';
  /** What a comparison looks at: the stored document alone, or also every word at its place, as queries find them. */
  readonly comparison: 'documents' | 'words';
  /** Up to how many an answer lists all that match, because it costs no more than the answer. */
  readonly listedMax: number;
}

/** Compares what an index has with what it should have. */
export interface IndexComparison extends AsyncDisposable {
  /**
   * Of these documents, whose sequences are in the range of the comparison, those that the index does not have exactly as
   * `apply` would have stored them, in what `capabilities.comparison` says; and those that it does not have.
   * @throws SearchFault `index-damaged` when what is stored cannot be read
   */
  differing(documents: readonly IndexDocument[]): Promise<readonly Sequence[]>;
}

/** Whether this is what an index should have of a message; where it came from, and in which frame, does not matter. */
export function isSameDocument(found: IndexedMessage | undefined, expected: IndexDocument): boolean {
  if (found?.digest !== expected.digest) return false;
  return isDeepStrictEqual(found.document, decodeDocument(expected.encoded));
}

/**
 * Finds messages by what they say. A follower of the ledger, never the truth: it may vanish and is rebuilt. Contract
 * (test/contract/search-index.ts runs it on every adapter): the answer to a query is exactly the set of messages for which
 * `evaluate` is true, no more, no fewer, whatever their number.
 */
export interface SearchIndex extends AsyncDisposable {
  readonly capabilities: SearchIndexCapabilities;

  /** Why it cannot answer, as far as it knows without asking anybody. Absent where that is not its own to know. */
  trouble?(): string | undefined;

  /**
   * Adds and removes, and moves the position when all of that is durable and can be found. Idempotent: a capture that is in
   * is left as it is, one that was removed never comes back, the position never goes back. Documents at or above `through`
   * are kept, and found once the position has passed them. A removed message is not found when this returns; `capabilities`
   * says when its words are in no file. When this throws, some of it may have happened, but never the position: apply the
   * same again.
   * @throws SearchFault `index-unavailable`, `index-damaged`
   */
  apply(change: IndexChange): Promise<void>;

  /**
   * Of these captures, those that the index has neither as a message nor as a removed one. Whoever moves the position asks
   * this first where several processes apply, and fills the gaps that dead ones left.
   */
  lacking(sequences: readonly Sequence[]): Promise<readonly Sequence[]>;

  /**
   * Writes the files anew that still have words of removed messages: when this returns, none has words of a message whose
   * removal was applied before. May read and write all of the index; nothing to do where `erasure` is `apply`.
   * @throws SearchFault `index-unavailable` when words remain
   */
  expunge(): Promise<void>;

  /** The highest `through` that was applied: every capture below it is in, or was removed. 0 for an empty index. */
  position(): Promise<number>;

  /**
   * @param limits of what a person asks: whoever must know (holds, disposal, exports) gives none, and is answered whatever it takes
   * @throws SearchFault `cursor-invalid`, `index-damaged`, `query-too-costly`; the reason of a signal that was aborted
   */
  search(request: SearchRequest, limits?: QueryLimits): Promise<SearchAnswer>;

  count(request: SelectRequest, limits?: QueryLimits): Promise<CountAnswer>;

  select(request: SelectRequest, limits?: QueryLimits): Promise<Selection>;

  /** How many of these captures have each value of a mark: of the most frequent values, and exact, whatever their number. */
  markCounts(field: MarkField, within: SequenceSet): Promise<MarkCounts>;

  /**
   * Of these captures, by sequence, the first of them that has the same value of a mark: itself where it is that, or has none. Of all
   * other numbers the same number. Ends with the last of them.
   * @throws SearchFault `index-unavailable` where only a part of that can be told
   */
  firstOfSame(field: GroupingMark, within: SequenceSet): Promise<Uint32Array>;

  /** Everything that is in the index, for checking it against the ledger. */
  sequences(): Promise<SequenceSet>;

  /**
   * The Date field of every message, by its sequence, in milliseconds since 1970: NaN for one without, and where there is none.
   * Ends with the last that has one.
   */
  dates(): Promise<Float64Array>;

  /** Every number that the index keeps as a removed capture's, ascending, whether or not there is such a capture. */
  removed(): Promise<readonly number[]>;

  /** What the index holds of one message; undefined when it has none. @throws SearchFault `index-damaged` */
  document(sequence: Sequence): Promise<IndexedMessage | undefined>;

  /**
   * Begins to compare captures with `from <= sequence < to` that the index has now. May read all of the index, and take 8
   * bytes of memory for each sequence.
   * @throws SearchFault `index-damaged`, `index-unavailable`
   */
  comparison(from: number, to: number): Promise<IndexComparison>;

  /** Each fault found in the index itself, in words; empty when it is sound. Reads all of it. */
  check(): Promise<readonly string[]>;
}
