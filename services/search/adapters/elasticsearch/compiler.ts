import {
  type AndNode,
  type Ast,
  type FactNode,
  type NearNode,
  type OrNode,
  type PhraseNode,
  type TextField,
} from '../../ast.ts';
import { nearPairs, withoutNearness } from '../../near.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { isPattern } from '../../term.ts';
import {
  type EngineQuery,
  fieldsOf,
  isExact,
  isPlain,
  nearQuery,
  phraseClauses,
  phraseQuery,
  rangeQuery,
  tokensQuery,
} from './leaf-query.ts';

/** One query for the engine, and what it counts towards the engine's bounds. */
export interface QueryPlan {
  readonly kind: 'query';
  readonly query: EngineQuery;
  readonly clauses: number;
  readonly depth: number;
}

/** How a query is answered: by one engine query if it fits into the engine's bounds, else by sets that are combined here. */
export type Plan =
  | QueryPlan
  /** Of the candidates, those that the evaluator finds the phrase or the proximity in. */
  | { readonly kind: 'verified'; readonly candidates: Plan; readonly node: PhraseNode | NearNode }
  /** Known already: a fact that is true of too many messages to be listed in a query. */
  | { readonly kind: 'set'; readonly set: SequenceSet }
  /** All of `wanted`, none of `unwanted`; no `wanted` at all means everything. */
  | { readonly kind: 'intersection'; readonly wanted: readonly Plan[]; readonly unwanted: readonly Plan[] }
  | { readonly kind: 'union'; readonly parts: readonly Plan[] };

// Elasticsearch refuses more than 30 levels, and a number of clauses that follows its memory, 1,024 at least; ours leave room for
// what is put around them: the moment, stubs, and the words that relevance is judged by.
const DEPTH_MAX = 20;
const CLAUSES_MAX = 500;
/** More pairs of words are looked up each by itself. */
const NEAR_PAIRS_MAX = 64;

/** Exact: no plan gives more or fewer than the query says. Subtrees as large as the engine takes are one query each. */
export function compile(ast: Ast, factPlan: (fact: FactNode) => Plan): Plan {
  switch (ast.kind) {
    case 'phrase':
      return phrasePlan(ast);
    case 'near':
      return { kind: 'verified', candidates: candidatesOf(ast, factPlan), node: ast };
    case 'range':
      return leaf(rangeQuery(ast));
    case 'mark':
      return leaf({ term: { [`marks.${ast.field}`]: { value: ast.value } } });
    case 'all':
      return leaf({ match_all: {} });
    case 'fact':
      return factPlan(ast);
    case 'not':
      return intersection([], [compile(ast.child, factPlan)]);
    case 'or':
      return union(disjuncts(ast, factPlan));
    case 'and':
      return conjunction(ast, factPlan);
  }
}

export function leaf(query: EngineQuery): QueryPlan {
  return { kind: 'query', query, clauses: 1, depth: 2 };
}

function phrasePlan(phrase: PhraseNode): Plan {
  const plan: QueryPlan = { kind: 'query', query: phraseQuery(phrase), clauses: phraseClauses(phrase), depth: 2 };
  return isExact(phrase) ? plan : { kind: 'verified', candidates: plan, node: phrase };
}

/** All that the proximity may be in. The engine looks for words near each other itself, where they are few and no patterns. */
function candidatesOf(near: NearNode, factPlan: (fact: FactNode) => Plan): Plan {
  const pairs = nearPairs(near, NEAR_PAIRS_MAX);
  const clauses = pairs?.flat().reduce((sum, phrase) => sum + phraseClauses(phrase), 0) ?? 0;
  const isLookedUp = pairs?.flat().every(isPlain) === true && clauses <= CLAUSES_MAX;
  if (!isLookedUp) return compile(withoutNearness(near), factPlan);
  return { kind: 'query', query: nearQuery(near, pairs), clauses, depth: 2 };
}

/** Single words of one field together cost no more than one of them. */
function disjuncts({ children }: Pick<OrNode, 'children'>, factPlan: (fact: FactNode) => Plan): readonly Plan[] {
  const tokens = new Map<TextField, Set<string>>();
  const rest: Ast[] = [];
  for (const child of children) {
    const [token = ''] = child.kind === 'phrase' ? child.terms : [];
    if (child.kind !== 'phrase' || child.terms.length !== 1 || isPattern(token)) rest.push(child);
    else tokens.set(child.field, (tokens.get(child.field) ?? new Set()).add(token));
  }
  const lists = [...tokens].map(([field, list]): QueryPlan => {
    return { kind: 'query', query: tokensQuery(field, [...list]), clauses: fieldsOf(field).length, depth: 2 };
  });
  return [...lists, ...rest.map((child) => compile(child, factPlan))];
}

function conjunction({ children }: AndNode, factPlan: (fact: FactNode) => Plan): Plan {
  const wanted = children.filter((child) => child.kind !== 'not').map((child) => compile(child, factPlan));
  const refused = children.filter((child) => child.kind === 'not').map((not) => not.child);
  return intersection(wanted, disjuncts({ children: refused }, factPlan));
}

function union(parts: readonly Plan[]): Plan {
  const { queries, others } = packed(parts, (group) => ({ bool: { should: group, minimum_should_match: 1 } }));
  const [only] = queries;
  return only !== undefined && queries.length === 1 && others.length === 0
    ? only
    : { kind: 'union', parts: [...queries, ...others] };
}

function intersection(wanted: readonly Plan[], unwanted: readonly Plan[]): Plan {
  const without = packed(unwanted, (group) => ({ bool: { should: group, minimum_should_match: 1 } }));
  const negated = without.queries.map((plan): QueryPlan => ({
    ...plan,
    query: { bool: { must_not: [plan.query] } },
    depth: plan.depth + 1,
  }));
  // Too deep to be negated by the engine.
  const deep = without.queries.filter((_, place) => (negated[place]?.depth ?? 0) > DEPTH_MAX);
  const shallow = negated.filter(({ depth }) => depth <= DEPTH_MAX);
  const { queries, others } = packed([...wanted, ...shallow], (group) => ({ bool: { filter: group } }));
  const left = [...deep, ...without.others];
  const [only] = queries;
  return only !== undefined && queries.length === 1 && others.length === 0 && left.length === 0
    ? only
    : { kind: 'intersection', wanted: [...queries, ...others], unwanted: left };
}

/** As few queries as the bounds allow, and the plans that are none. */
function packed(
  plans: readonly Plan[],
  join: (group: EngineQuery[]) => EngineQuery,
): { readonly queries: readonly QueryPlan[]; readonly others: readonly Plan[] } {
  const groups: QueryPlan[][] = [];
  let clauses = 0;
  for (const plan of plans) {
    if (plan.kind !== 'query') continue;
    const last = groups.at(-1);
    if (last === undefined || clauses + plan.clauses > CLAUSES_MAX || plan.depth >= DEPTH_MAX) {
      groups.push([plan]);
      clauses = plan.depth >= DEPTH_MAX ? CLAUSES_MAX : plan.clauses;
    } else {
      last.push(plan);
      clauses += plan.clauses;
    }
  }
  return { queries: groups.map((group) => joined(group, join)), others: plans.filter(({ kind }) => kind !== 'query') };
}

function joined(group: readonly QueryPlan[], join: (group: EngineQuery[]) => EngineQuery): QueryPlan {
  const [only] = group;
  if (only !== undefined && group.length === 1) return only;
  return {
    kind: 'query',
    query: join(group.map(({ query }) => query)),
    clauses: group.reduce((sum, plan) => sum + plan.clauses, 0),
    depth: 1 + Math.max(...group.map(({ depth }) => depth)),
  };
}
