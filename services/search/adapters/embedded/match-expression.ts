import {
  type AndNode,
  type Ast,
  columnsOf,
  isNamed,
  type MarkNode,
  type PhraseNode,
  type TextField,
} from '../../ast.ts';
import { engineTerms } from '../../engine-terms.ts';
import type { NearPair } from '../../near.ts';
import { isPattern, prefixOf, type Term } from '../../term.ts';
import { markToken } from './schema.ts';

/** An expression of FTS5's own query language (https://sqlite.org/fts5.html#full_text_query_syntax) and how deep it nests. */
export interface Match {
  readonly expression: string;
  readonly depth: number;
}

/** FTS5 refuses deep expressions; deeper trees are cut here and joined as sets. */
const DEPTH_MAX = 20;

/** FTS5 takes time for each word of a phrase at each message that has them all; longer ones are looked up by their beginning. */
const PHRASE_TOKENS_MAX = 32;

/** Whether the engine can look it up itself: of patterns it knows only a beginning, in the last place. */
export function isExpressible({ terms }: PhraseNode): boolean {
  return (
    terms.length <= PHRASE_TOKENS_MAX && terms.every((term, place) => isLookedUp(term, place === terms.length - 1))
  );
}

function isLookedUp(term: Term, isLast: boolean): boolean {
  return !isPattern(term) || (isLast && prefixOf(term) !== undefined);
}

/** What of a phrase can be looked up: true of all that has the phrase, and perhaps of more. */
export interface Parts {
  /** Consecutive terms without patterns. */
  readonly runs: readonly PhraseNode[];
  readonly patterns: readonly PhraseNode[];
}

/** A phrase that is no single expression as several; of a long one only the beginning. */
export function partsOf({ field, terms, kind }: PhraseNode): Parts {
  const runs: Term[][] = [[]];
  const patterns: Term[] = [];
  for (const term of terms.slice(0, PHRASE_TOKENS_MAX)) {
    if (!isPattern(term)) runs.at(-1)?.push(term);
    else {
      patterns.push(term);
      runs.push([]);
    }
  }
  const filled = runs.filter((run) => run.length > 0);
  return {
    runs: filled.map((run) => ({ kind, field, terms: run })),
    patterns: [...new Set(patterns)].map((term) => ({ kind, field, terms: [term] })),
  };
}

/** The whole subtree as one expression; undefined when it asks for more than words, or for everything but some words. */
export function matchOf(ast: Ast): Match | undefined {
  switch (ast.kind) {
    case 'phrase':
      return phraseMatch(ast);
    case 'mark':
      return { expression: leafExpression(ast), depth: 1 };
    case 'or':
      return joined(' OR ', ast.children.map(matchOf));
    case 'and':
      return conjunction(ast);
    case 'near':
    case 'not':
    case 'range':
    case 'fact':
    case 'all':
      return undefined;
  }
}

function phraseMatch(phrase: PhraseNode): Match | undefined {
  return isExpressible(phrase) ? { expression: leafExpression(phrase), depth: 1 } : undefined;
}

/** Of what `isExpressible`. Tokens have letters, marks and digits only, so that nothing in them needs escaping. */
export function leafExpression(leaf: PhraseNode | MarkNode): string {
  if (leaf.kind === 'mark') return `c_marks : "${markToken(`${leaf.field}:${leaf.value}`)}"`;
  return within(leaf.field, phraseExpression(leaf));
}

function phraseExpression({ field, terms: written }: PhraseNode): string {
  const terms = engineTerms(field, written);
  const prefix = prefixOf(terms.at(-1) ?? '');
  const phrase = `"${[...terms.slice(0, -1), prefix ?? terms.at(-1)].join(' ')}"`;
  return prefix === undefined ? phrase : `${phrase} *`;
}

/**
 * Any of these pairs, in one column, with fewer than so many tokens in between: true of all that have them so near, and perhaps
 * of more, for the engine takes one word for both.
 */
export function nearExpression(field: TextField, pairs: readonly NearPair[], distance: number): string {
  const groups = pairs.map((pair) => `NEAR(${pair.map(phraseExpression).join(' ')}, ${distance - 1})`);
  return within(field, `(${groups.join(' OR ')})`);
}

/** Any of these words, as the engine has them. */
export function wordsExpression(field: TextField, words: readonly string[]): string {
  return within(field, `(${words.map((word) => `"${word}"`).join(' OR ')})`);
}

function within(field: TextField, expression: string): string {
  const columns = isNamed(field) ? ['named'] : columnsOf(field);
  return `{${columns.map((column) => `c_${column}`).join(' ')}} : ${expression}`;
}

function conjunction({ children }: AndNode): Match | undefined {
  const wanted = children.filter((child) => child.kind !== 'not');
  const unwanted = children.filter((child) => child.kind === 'not').map((not) => not.child);
  const positive = joined(' AND ', wanted.map(matchOf));
  if (positive === undefined || unwanted.length === 0) return positive;
  const negative = joined(' OR ', unwanted.map(matchOf));
  return negative === undefined ? undefined : joined(' NOT ', [positive, negative]);
}

function joined(operator: string, parts: readonly (Match | undefined)[]): Match | undefined {
  const matches = parts.filter((part) => part !== undefined);
  if (matches.length === 0 || matches.length < parts.length) return undefined;
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  const depth = 1 + Math.max(...matches.map((match) => match.depth));
  if (depth > DEPTH_MAX) return undefined;
  // Saying a word twice changes nothing and costs as much as another word; "x NOT x" keeps both.
  const expressions = matches.map((match) => match.expression);
  const distinct = operator === ' NOT ' ? expressions : [...new Set(expressions)];
  return { expression: `(${distinct.join(operator)})`, depth };
}
