import type { estypes } from '@elastic/elasticsearch';
import { columnsOf, isNamed, type NearNode, type PhraseNode, type RangeNode, type TextField } from '../../ast.ts';
import { engineTerms } from '../../engine-terms.ts';
import { fieldOf as fieldOfOperand, type NearPair } from '../../near.ts';
import { fuzzyTerm, isPattern, type Term } from '../../term.ts';
import { fieldOf, NAMED } from './mapping.ts';

export type EngineQuery = NonNullable<estypes.QueryDslQueryContainer>;

/** Each term of a phrase counts as a clause in each column; longer ones are looked up by their beginning. */
const PHRASE_TERMS_MAX = 32;

/** Whether `phraseQuery` finds no more than the phrase. */
export function isExact(phrase: PhraseNode): boolean {
  return phrase.terms.length === 1 || isPlain(phrase);
}

/** Whether the engine can look it up whole, place by place. */
export function isPlain({ terms }: PhraseNode): boolean {
  return terms.length <= PHRASE_TERMS_MAX && !terms.some(isPattern);
}

/**
 * Any of these pairs, in one column, in fewer gaps than the distance: true of all that have them so near, and perhaps of more, for
 * the engine takes one word for both. Each pair by itself: of alternatives within a pair the engine keeps only the shortest.
 */
export function nearQuery(near: NearNode, pairs: readonly NearPair[]): EngineQuery {
  const intervals = pairs.map((pair) => ({
    all_of: { intervals: pair.map(phraseInterval), ordered: near.nearness === 'before', max_gaps: near.distance - 1 },
  }));
  return anyOf(fieldsOf(fieldOfOperand(near)).map((name) => ({ intervals: { [name]: { any_of: { intervals } } } })));
}

function phraseInterval({ field, terms }: PhraseNode): estypes.QueryDslIntervalsContainer {
  return { match: { query: engineTerms(field, terms).join(' '), ordered: true, max_gaps: 0 } };
}

/** What the phrase counts towards the engine's bound on clauses. */
export function phraseClauses({ field, terms }: PhraseNode): number {
  return Math.min(terms.length, PHRASE_TERMS_MAX) * fieldsOf(field).length;
}

/** Consecutive tokens within one column, or what has all that; scores by BM25, summed over the columns that have it. */
export function phraseQuery({ field, terms }: PhraseNode): EngineQuery {
  const beginning = engineTerms(field, terms.slice(0, PHRASE_TERMS_MAX));
  return anyOf(fieldsOf(field).map((name) => termsQuery(name, beginning)));
}

/** Of patterns in a phrase the engine would look up some thousand words only: here each is looked up by itself. */
function termsQuery(name: string, terms: readonly Term[]): EngineQuery {
  const [first = ''] = terms;
  if (terms.length === 1) return termQuery(name, first);
  if (!terms.some(isPattern)) return { match_phrase: { [name]: { query: terms.join(' ') } } };
  return { bool: { filter: [...new Set(terms)].map((term) => termQuery(name, term)) } };
}

/** Without a ceiling on the words that a pattern stands for: `constant_score`. */
function termQuery(name: string, term: Term): EngineQuery {
  const fuzzy = fuzzyTerm(term);
  if (fuzzy !== undefined) {
    const { prefix, token, edits: fuzziness } = fuzzy;
    const unedited = prefix === '' ? {} : { prefix_length: Array.from(prefix).length };
    return {
      fuzzy: {
        [name]: { value: prefix + token, fuzziness, ...unedited, transpositions: true, rewrite: 'constant_score' },
      },
    };
  }
  if (isPattern(term)) return { wildcard: { [name]: { value: term, rewrite: 'constant_score' } } };
  return { term: { [name]: { value: term } } };
}

/** Any of these single tokens: one clause a column, however many they are. */
export function tokensQuery(field: TextField, tokens: readonly string[]): EngineQuery {
  const terms = engineTerms(field, tokens);
  return anyOf(fieldsOf(field).map((name) => ({ terms: { [name]: [...terms] } })));
}

/** The engine's fields that a field of the query language stands for. */
export function fieldsOf(field: TextField): readonly string[] {
  return isNamed(field) ? [NAMED] : columnsOf(field).map(fieldOf);
}

/** A message without the value is in no range. */
export function rangeQuery({ field, from, before }: Omit<RangeNode, 'kind'>): EngineQuery {
  return {
    range: { [field]: { ...(from === null ? {} : { gte: from }), ...(before === null ? {} : { lt: before }) } },
  };
}

export function upTo(sequence: number): EngineQuery {
  return { range: { sequence: { lte: sequence } } };
}

export function anyOf(queries: readonly EngineQuery[]): EngineQuery {
  const [only] = queries;
  if (only !== undefined && queries.length === 1) return only;
  return { bool: { should: [...queries], minimum_should_match: 1 } };
}
