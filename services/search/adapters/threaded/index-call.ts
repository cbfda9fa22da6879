import type { Sequence } from '#kernel';
import { type Ast, type FactField, factsIn } from '../../ast.ts';
import type { GroupingMark, MarkField } from '../../marks.ts';
import type { SearchFaultCode } from '../../search-fault.ts';
import type { FactResolver, IndexChange, IndexDocument, SearchRequest, SelectRequest } from '../../search-index.ts';
import { SequenceSet } from '../../sequence-set.ts';

/** The facts that a query asks for, resolved: the field, a NUL, the value; and the words of the set. */
type ResolvedFacts = ReadonlyMap<string, Uint32Array>;

export type SentSelect = Omit<SelectRequest, 'facts'> & { readonly facts: ResolvedFacts };
export type SentSearch = Omit<SearchRequest, 'facts'> & { readonly facts: ResolvedFacts };

/** One call of the port, as it crosses between threads. */
export type IndexCall =
  | { readonly method: 'apply'; readonly change: IndexChange }
  | { readonly method: 'lacking'; readonly sequences: readonly Sequence[] }
  | BareCall
  | QueryCall
  | CompareCall
  | MarksCall
  | { readonly method: 'document'; readonly sequence: Sequence };

export type QueryCall =
  | { readonly method: 'search'; readonly request: SentSearch; readonly limits?: SentLimits }
  | { readonly method: 'count' | 'select'; readonly request: SentSelect; readonly limits?: SentLimits };

/** Limits as they cross: in shared memory, 1 where the query was called off. */
export interface SentLimits {
  readonly milliseconds: number;
  readonly isOff: Int32Array;
}

/** Of captures, by the words of their set. */
export type MarksCall =
  | { readonly method: 'markCounts'; readonly field: MarkField; readonly words: Uint32Array }
  | { readonly method: 'firstOfSame'; readonly field: GroupingMark; readonly words: Uint32Array };

/** Those without anything to be told. */
export interface BareCall {
  readonly method: 'position' | 'sequences' | 'dates' | 'removed' | 'check' | 'close';
}

/** A comparison is kept in the thread, under an id, until it is `compared`. */
export type CompareCall =
  | { readonly method: 'compare'; readonly id: number; readonly from: number; readonly to: number }
  | { readonly method: 'differing'; readonly id: number; readonly documents: readonly IndexDocument[] }
  | { readonly method: 'compared'; readonly id: number };

/** An answer as it crosses: its set, where it has one, as the words of it. */
export type Sent<T extends { readonly sequences?: SequenceSet }> = Omit<T, 'sequences'> & {
  readonly words?: Uint32Array;
};

/** The other side of what the caller receives. */
export function sent<T extends { readonly sequences?: SequenceSet }>({ sequences, ...answer }: T): Sent<T> {
  return { ...answer, ...(sequences !== undefined && { words: sequences.words }) };
}

export interface SentFault {
  readonly code: SearchFaultCode | undefined;
  readonly message: string;
  readonly remedy: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export interface IndexAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly fault?: SentFault;
}

/** Asks the resolver, which cannot cross, for every fact in the query. */
export function resolved(query: Ast, facts: FactResolver): ResolvedFacts {
  const sets = new Map<string, Uint32Array>();
  for (const { field, value } of factsIn(query)) sets.set(nameOf(field, value), facts[field](value).words);
  return sets;
}

/** The other side of `resolved`. */
export function resolverOf(facts: ResolvedFacts): FactResolver {
  const find = (field: FactField) => (value: string) =>
    SequenceSet.fromWords(facts.get(nameOf(field, value)) ?? new Uint32Array(0));
  return {
    custodian: find('custodian'),
    mailbox: find('mailbox'),
    source: find('source'),
    digest: find('digest'),
    received: find('received'),
    is: find('is'),
    thread: find('thread'),
  };
}

function nameOf(field: string, value: string): string {
  return `${field}\0${value}`;
}
