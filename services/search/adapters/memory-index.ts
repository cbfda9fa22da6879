import type { Digest, Sequence } from '#kernel';
import { asSequence } from '#kernel';
import { positivePhrases, type Ast, type FactNode } from '../ast.ts';
import { encodeCursor, pageStart, type PageKey } from '../cursor.ts';
import { compareByDate, datesOf } from '../date-order.ts';
import { decodeDocument } from '../document-codec.ts';
import { markCountsOf, type SequencedDocument } from '../document-marks.ts';
import { judge, occurrences } from '../evaluator.ts';
import { type MarkCounts, MarkTally } from '../mark-tally.ts';
import { patienceOf, type QueryLimits } from '../patience.ts';
import { firstOfGroups, groupsOf } from '../mark-groups.ts';
import type { GroupingMark, MarkField } from '../marks.ts';
import type { SearchDocument } from '../search-document.ts';
import { DocumentComparison } from '../document-comparison.ts';
import type {
  CountAnswer,
  IndexChange,
  IndexComparison,
  IndexedMessage,
  SearchAnswer,
  SearchIndex,
  SearchIndexCapabilities,
  SearchRequest,
  Selection,
  SelectRequest,
} from '../search-index.ts';
import { SequenceSet } from '../sequence-set.ts';

interface Stored {
  readonly digest: Digest;
  readonly encoded: Uint8Array;
}

/** SearchIndex that asks the evaluator about every message: for small archives in memory, and to compare others with. */
export class MemoryIndex implements SearchIndex {
  readonly capabilities: SearchIndexCapabilities = { erasure: 'apply', comparison: 'words', listedMax: Infinity };
  readonly #stored = new Map<Sequence, Stored>();
  readonly #removed = new Set<Sequence>();
  #position = 0;

  async apply(change: IndexChange): Promise<void> {
    for (const sequence of change.removed) {
      this.#removed.add(sequence);
      this.#stored.delete(sequence);
    }
    for (const { sequence, digest, encoded } of change.documents) {
      if (!this.#removed.has(sequence) && !this.#stored.has(sequence)) this.#stored.set(sequence, { digest, encoded });
    }
    this.#position = Math.max(this.#position, change.through);
  }

  async lacking(sequences: readonly Sequence[]): Promise<readonly Sequence[]> {
    return sequences.filter((sequence) => !this.#stored.has(sequence) && !this.#removed.has(sequence));
  }

  async expunge(): Promise<void> {}

  async position(): Promise<number> {
    return this.#position;
  }

  async search(request: SearchRequest, limits?: QueryLimits): Promise<SearchAnswer> {
    const start = pageStart(request, this.#position - 1);
    const { sequences, ...coverage } = await this.select({ ...request, asOf: start.asOf }, limits);
    const order = request.sort === 'date' ? compareDates : compareScores;
    const keys = [...sequences].map((sequence) => this.#key(request, sequence)).sort(order);
    const page = keys.filter((key) => start.key === undefined || order(start.key, key) < 0).slice(0, request.limit + 1);
    const hits = page.slice(0, request.limit).map(({ sequence }) => this.#hit(asSequence(sequence)));
    const last = page[request.limit - 1];
    const listed = start.key === undefined ? { sequences } : {};
    const answer = { total: keys.length, ...coverage, ...listed, hits };
    return page.length > request.limit && last !== undefined
      ? { ...answer, next: encodeCursor(request, start.asOf, last) }
      : answer;
  }

  async count(request: SelectRequest, limits?: QueryLimits): Promise<CountAnswer> {
    const selection = await this.select(request, limits);
    return { total: selection.sequences.size, ...selection };
  }

  async select({ query, facts, asOf = this.#position - 1 }: SelectRequest, limits?: QueryLimits): Promise<Selection> {
    const patience = patienceOf(limits);
    const sequences = SequenceSet.of();
    for (const [sequence, { encoded }] of this.#stored) {
      patience();
      const holds = ({ field, value }: FactNode): boolean => facts[field](value).has(sequence);
      if (sequence <= asOf && judge(query, decodeDocument(encoded), holds, patience)) sequences.add(sequence);
    }
    return { asOf, complete: asOf < this.#position, sequences };
  }

  async markCounts(field: MarkField, within: SequenceSet): Promise<MarkCounts> {
    return MarkTally.of(field, markCountsOf(this.#documentsOf(within), field));
  }

  async firstOfSame(field: GroupingMark, within: SequenceSet): Promise<Uint32Array> {
    return firstOfGroups(within, groupsOf(this.#documentsOf(within), field));
  }

  async sequences(): Promise<SequenceSet> {
    return SequenceSet.of(this.#stored.keys());
  }

  async dates(): Promise<Float64Array> {
    const dated = [...this.#stored.keys()].map((sequence) => ({ sequence, ...this.#document(sequence).display }));
    return datesOf(dated.sort((a, b) => a.sequence - b.sequence));
  }

  async removed(): Promise<readonly number[]> {
    return [...this.#removed].sort((a, b) => a - b);
  }

  async document(sequence: Sequence): Promise<IndexedMessage | undefined> {
    const stored = this.#stored.get(sequence);
    return stored && { digest: stored.digest, document: decodeDocument(stored.encoded) };
  }

  async comparison(): Promise<IndexComparison> {
    return new DocumentComparison(async (sequences) => {
      const found = new Map<Sequence, IndexedMessage>();
      for (const sequence of sequences) {
        const one = await this.document(sequence);
        if (one !== undefined) found.set(sequence, one);
      }
      return found;
    });
  }

  async check(): Promise<readonly string[]> {
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stored.clear();
  }

  #key({ query, sort }: SearchRequest, sequence: Sequence): PageKey {
    const document = this.#document(sequence);
    return { value: sort === 'date' ? document.display.date : scoreOf(query, document), sequence };
  }

  #hit(sequence: Sequence): { sequence: Sequence; digest: Digest; display: SearchDocument['display'] } {
    const { digest, encoded } = this.#get(sequence);
    return { sequence, digest, display: decodeDocument(encoded).display };
  }

  *#documentsOf(within: SequenceSet): Generator<SequencedDocument> {
    for (const [sequence, { encoded }] of this.#stored) {
      if (within.has(sequence)) yield [sequence, decodeDocument(encoded)];
    }
  }

  #document(sequence: Sequence): SearchDocument {
    return decodeDocument(this.#get(sequence).encoded);
  }

  #get(sequence: Sequence): Stored {
    const stored = this.#stored.get(sequence);
    if (stored === undefined) throw new Error(`capture ${sequence} is not in the index`);
    return stored;
  }
}

/** BM25 for one message alone: how often the words occur, less and less for each further time and for longer texts. */
function scoreOf(query: Ast, document: SearchDocument): number {
  const length = Object.values(document.columns).reduce((sum, text) => sum + text.length, 0);
  return positivePhrases(query)
    .map((phrase) => occurrences(phrase, document))
    .reduce((score, count) => score + (count * 2.2) / (count + 1.2 * (0.25 + length / 1000)), 0);
}

function compareDates(a: PageKey, b: PageKey): number {
  return compareByDate({ date: a.value, sequence: a.sequence }, { date: b.value, sequence: b.sequence });
}

function compareScores(a: PageKey, b: PageKey): number {
  return (b.value ?? 0) - (a.value ?? 0) || b.sequence - a.sequence;
}
