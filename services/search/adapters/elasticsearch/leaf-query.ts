import type { estypes } from '@elastic/elasticsearch';
import { columnsOf, type DateNode, type PhraseNode, type TextField } from '../../ast.ts';
import { fieldOf } from './mapping.ts';

export type EngineQuery = NonNullable<estypes.QueryDslQueryContainer>;

/** Each token of a phrase counts as a clause in each column; longer ones are looked up by their beginning. */
const PHRASE_TOKENS_MAX = 32;

/** The beginning of a phrase that is too long for one query: true of all that has the phrase, and perhaps of more. */
export function beginningOf(phrase: PhraseNode): PhraseNode {
  if (phrase.tokens.length <= PHRASE_TOKENS_MAX) return phrase;
  return { ...phrase, tokens: phrase.tokens.slice(0, PHRASE_TOKENS_MAX) };
}

/** What the phrase counts towards the engine's bound on clauses. */
export function phraseClauses({ field, tokens }: PhraseNode): number {
  return tokens.length * columnsOf(field).length;
}

/** Consecutive tokens within one column; scores by BM25, summed over the columns that have it. */
export function phraseQuery({ field, tokens }: PhraseNode): EngineQuery {
  const [first = ''] = tokens;
  return anyOf(
    columnsOf(field).map((column) => {
      const name = fieldOf(column);
      if (tokens.length === 1) return { term: { [name]: { value: first } } };
      return { match_phrase: { [name]: { query: tokens.join(' ') } } };
    }),
  );
}

/** Any of these single tokens: one clause a column, however many they are. */
export function tokensQuery(field: TextField, tokens: readonly string[]): EngineQuery {
  return anyOf(columnsOf(field).map((column) => ({ terms: { [fieldOf(column)]: [...tokens] } })));
}

/** A message without a date is in no range. */
export function dateQuery({ from, before }: Pick<DateNode, 'from' | 'before'>): EngineQuery {
  return { range: { date: { ...(from === null ? {} : { gte: from }), ...(before === null ? {} : { lt: before }) } } };
}

export function upTo(sequence: number): EngineQuery {
  return { range: { sequence: { lte: sequence } } };
}

export function anyOf(queries: readonly EngineQuery[]): EngineQuery {
  const [only] = queries;
  if (only !== undefined && queries.length === 1) return only;
  return { bool: { should: [...queries], minimum_should_match: 1 } };
}
