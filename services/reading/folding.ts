import { asSequence, type Sequence } from '#kernel';
import {
  type Ast,
  type FactNode,
  type QueryLimits,
  type SearchAnswer,
  type SearchIndex,
  type SearchRequest,
  SequenceSet,
} from '#search';

export interface FoldedAnswer extends SearchAnswer {
  /** How many hits are left where copies are one. */
  readonly distinct: number;
  /** Of each hit of the page that has any, the copies of it that were found as well, ascending. */
  readonly copies: ReadonlyMap<Sequence, readonly Sequence[]>;
}

const UNFOLDED: FactNode = { kind: 'fact', field: 'is', value: 'unfolded' };

/**
 * A page of what matches, with copies as one hit: that which was captured first of those that match. `total` and `sequences` are those
 * of all messages; pages follow each other as without folding. Lists all that matches for each page, whatever the number.
 */
export async function searchFolded(
  index: SearchIndex,
  request: SearchRequest,
  limits: QueryLimits,
): Promise<FoldedAnswer> {
  const { sequences, asOf, complete } = await index.select(request, limits);
  const firsts = await index.firstOfSame('fingerprint', sequences);
  const left = leftOf(sequences, firsts);
  const { query, facts } = request;
  const is = (value: string) => (value === UNFOLDED.value ? left : facts.is(value));
  const folded = { ...request, asOf, query: joined(query, UNFOLDED), facts: { ...facts, is } };
  const { sequences: listed, ...page } = await index.search(folded, limits);
  return {
    ...page,
    total: sequences.size,
    complete: complete && page.complete,
    ...(listed !== undefined && { sequences }),
    distinct: left.size,
    copies: copiesOf(
      page.hits.map(({ sequence }) => sequence),
      sequences,
      firsts,
    ),
  };
}

function leftOf(found: SequenceSet, firsts: Uint32Array): SequenceSet {
  const left = SequenceSet.of();
  for (const sequence of found) if (firsts[sequence] === sequence) left.add(sequence);
  return left;
}

function copiesOf(hits: readonly Sequence[], found: SequenceSet, firsts: Uint32Array): FoldedAnswer['copies'] {
  const copies = new Map(hits.map((sequence): [Sequence, Sequence[]] => [sequence, []]));
  for (const sequence of found) {
    const first = asSequence(firsts[sequence] ?? sequence);
    if (first !== sequence) copies.get(first)?.push(sequence);
  }
  return copies;
}

function joined(query: Ast, condition: FactNode): Ast {
  return { kind: 'and', children: [...(query.kind === 'and' ? query.children : [query]), condition] };
}
