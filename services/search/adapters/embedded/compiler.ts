import type { AndNode, Ast, FactNode, NearNode, OrNode, PhraseNode, RangeNode, TextField } from '../../ast.ts';
import { engineTerm } from '../../engine-terms.ts';
import { fieldOf, nearPairs, withoutNearness } from '../../near.ts';
import type { Term } from '../../term.ts';
import { isExpressible, leafExpression, matchOf, nearExpression, partsOf } from './match-expression.ts';

/** More pairs of words are looked up each by itself. */
const NEAR_PAIRS_MAX = 64;

/** How a query is answered: sets from the full-text table, the date index and the caller's facts, combined. */
export type Plan =
  | { readonly kind: 'match'; readonly expression: string }
  /** All that have a word which the pattern matches; both as the engine has them. */
  | { readonly kind: 'pattern'; readonly field: TextField; readonly pattern: Term }
  /** Of the candidates, those that the evaluator finds the phrase or the proximity in. */
  | { readonly kind: 'verified'; readonly candidates: Plan; readonly node: PhraseNode | NearNode }
  | RangeNode
  | { readonly kind: 'fact'; readonly fact: FactNode }
  | { readonly kind: 'all' }
  /** All of `wanted`, none of `unwanted`; no `wanted` at all means everything. */
  | { readonly kind: 'intersection'; readonly wanted: readonly Plan[]; readonly unwanted: readonly Plan[] }
  | { readonly kind: 'union'; readonly parts: readonly Plan[] };

/** Exact: no plan gives more than the query says. The largest subtrees of words go to the engine in one piece. */
export function compile(ast: Ast): Plan {
  const match = matchOf(ast);
  return match === undefined ? planOf(ast) : { kind: 'match', expression: match.expression };
}

function planOf(ast: Ast): Plan {
  switch (ast.kind) {
    case 'range':
      return ast;
    case 'fact':
      return { kind: 'fact', fact: ast };
    case 'not':
      return { kind: 'intersection', wanted: [], unwanted: [compile(ast.child)] };
    case 'and':
      return intersection(ast);
    case 'or':
      return union(ast);
    case 'phrase':
      return phrasePlan(ast);
    case 'near':
      return { kind: 'verified', candidates: candidatesOf(ast), node: ast };
    case 'mark':
      return { kind: 'match', expression: leafExpression(ast) };
    case 'all':
      return { kind: 'all' };
  }
}

/** Of a phrase that the engine cannot look up in one piece. */
function phrasePlan(phrase: PhraseNode): Plan {
  const { field, terms } = phrase;
  const [first = ''] = terms;
  if (terms.length === 1) return { kind: 'pattern', field, pattern: engineTerm(field, first) };
  const { runs, patterns } = partsOf(phrase);
  const wanted = [
    ...runs.map((run): Plan => ({ kind: 'match', expression: leafExpression(run) })),
    ...patterns.map(compile),
  ];
  return { kind: 'verified', candidates: { kind: 'intersection', wanted, unwanted: [] }, node: phrase };
}

/** All that the proximity may be in. The engine looks for words near each other itself, where they are few. */
function candidatesOf(near: NearNode): Plan {
  const pairs = nearPairs(near, NEAR_PAIRS_MAX);
  if (pairs?.every((pair) => pair.every(isExpressible)) !== true) return compile(withoutNearness(near));
  return { kind: 'match', expression: nearExpression(fieldOf(near), pairs, near.distance) };
}

/** What is not wanted goes with the wanted words, where there are any: the engine skips it without listing it. */
function intersection(and: AndNode): Plan {
  const words = and.children.filter((child) => matchOf(child.kind === 'not' ? child.child : child) !== undefined);
  const match = words.length > 1 ? matchOf({ kind: 'and', children: words }) : undefined;
  const rest = match === undefined ? and.children : and.children.filter((child) => !words.includes(child));
  const wanted = rest.filter((child) => child.kind !== 'not').map(compile);
  if (match !== undefined) wanted.unshift({ kind: 'match', expression: match.expression });
  const unwanted = rest.filter((child) => child.kind === 'not').map((not) => compile(not.child));
  return { kind: 'intersection', wanted, unwanted };
}

function union(or: OrNode): Plan {
  const words = or.children.filter((child) => matchOf(child) !== undefined);
  const match = words.length > 1 ? matchOf({ kind: 'or', children: words }) : undefined;
  if (match === undefined) return { kind: 'union', parts: or.children.map(compile) };
  const rest = or.children.filter((child) => !words.includes(child)).map(compile);
  return { kind: 'union', parts: [{ kind: 'match', expression: match.expression }, ...rest] };
}
