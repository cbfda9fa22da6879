import type { AndNode, Ast, FactNode, OrNode, PhraseNode, TextField } from '../../ast.ts';
import type { Term } from '../../term.ts';
import { leafExpression, matchOf, partsOf } from './match-expression.ts';

/** How a query is answered: sets from the full-text table, the date index and the caller's facts, combined. */
export type Plan =
  | { readonly kind: 'match'; readonly expression: string }
  /** All that have a word which the pattern matches. */
  | { readonly kind: 'pattern'; readonly field: TextField; readonly pattern: Term }
  /** Of the candidates, those that the evaluator finds the phrase in. */
  | { readonly kind: 'verified'; readonly candidates: Plan; readonly phrase: PhraseNode }
  | { readonly kind: 'date'; readonly from: number | null; readonly before: number | null }
  | { readonly kind: 'fact'; readonly fact: FactNode }
  | { readonly kind: 'all' }
  /** All of `wanted`, none of `unwanted`; no `wanted` at all means everything. */
  | { readonly kind: 'intersection'; readonly wanted: readonly Plan[]; readonly unwanted: readonly Plan[] }
  | { readonly kind: 'union'; readonly parts: readonly Plan[] };

/** Exact: no plan gives more than the query says. The largest subtrees of words go to the engine in one piece. */
export function compile(ast: Ast): Plan {
  const match = matchOf(ast);
  if (match !== undefined) return { kind: 'match', expression: match.expression };
  switch (ast.kind) {
    case 'date':
      return { kind: 'date', from: ast.from, before: ast.before };
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
    case 'has':
      return { kind: 'match', expression: leafExpression(ast) };
    case 'all':
      return { kind: 'all' };
  }
}

/** Of a phrase that the engine cannot look up in one piece. */
function phrasePlan(phrase: PhraseNode): Plan {
  const { field, terms } = phrase;
  const [first = ''] = terms;
  if (terms.length === 1) return { kind: 'pattern', field, pattern: first };
  const { runs, patterns } = partsOf(phrase);
  const wanted = [
    ...runs.map((run): Plan => ({ kind: 'match', expression: leafExpression(run) })),
    ...patterns.map(compile),
  ];
  const [only] = wanted;
  const candidates: Plan =
    wanted.length === 1 && only !== undefined ? only : { kind: 'intersection', wanted, unwanted: [] };
  return { kind: 'verified', candidates, phrase };
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
