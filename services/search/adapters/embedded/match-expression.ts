import { type AndNode, type Ast, columnsOf, type HasNode, type PhraseNode } from '../../ast.ts';
import { ATTACHMENT_MARK } from './schema.ts';

/** An expression of FTS5's own query language (https://sqlite.org/fts5.html#full_text_query_syntax) and how deep it nests. */
export interface Match {
  readonly expression: string;
  readonly depth: number;
}

/** FTS5 refuses deep expressions; deeper trees are cut here and joined as sets. */
const DEPTH_MAX = 20;

/** FTS5 takes time for each word of a phrase at each message that has them all; longer ones are looked up by their beginning. */
const PHRASE_TOKENS_MAX = 32;

/** The beginning of a phrase that is too long for one expression: true of all that has the phrase, and perhaps of more. */
export function beginningOf(phrase: PhraseNode): PhraseNode {
  return { ...phrase, tokens: phrase.tokens.slice(0, PHRASE_TOKENS_MAX) };
}

/** The whole subtree as one expression; undefined when it asks for more than words, or for everything but some words. */
export function matchOf(ast: Ast): Match | undefined {
  switch (ast.kind) {
    case 'phrase':
      return ast.tokens.length > PHRASE_TOKENS_MAX ? undefined : { expression: leafExpression(ast), depth: 1 };
    case 'has':
      return { expression: leafExpression(ast), depth: 1 };
    case 'or':
      return joined(' OR ', ast.children.map(matchOf));
    case 'and':
      return conjunction(ast);
    case 'not':
    case 'date':
    case 'fact':
    case 'all':
      return undefined;
  }
}

/** Tokens have letters, marks and digits only, so that nothing in them needs escaping. */
export function leafExpression(leaf: PhraseNode | HasNode): string {
  if (leaf.kind === 'has') return `c_marks : "${ATTACHMENT_MARK}"`;
  const { field, tokens } = leaf;
  const phrase = `"${tokens.join(' ')}"`;
  if (field === 'any') return phrase;
  return `{${columnsOf(field)
    .map((column) => `c_${column}`)
    .join(' ')}} : ${phrase}`;
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
