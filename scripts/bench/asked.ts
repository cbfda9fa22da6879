import type { Deployment } from '#app';
import { factsAsOf } from '#catalog';
import { stopwatch } from '#kernel';
import { parseQuery, type SearchRequest } from '#search';
import type { QueryKind } from './query-kinds.ts';
import { percentile } from './statistics.ts';

const rounds = 5;
const hitsPerPage = 20;
const pageAskedFor = 1000;
const largestPage = 10_000;

/** How long the answers took. */
export interface KindTimes extends Omit<QueryKind, 'queries'> {
  readonly queries: number;
  readonly example: string;
  /** Exact totals of the smallest and the largest answer. */
  readonly hits: readonly [least: number, most: number];
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

interface Question {
  readonly kind: QueryKind;
  readonly query: string;
  /** Cursor of the page before the one that is asked for. */
  readonly after?: string | undefined;
}

/**
 * Asks the questions of all kinds in turn, so that none is answered from what the one before has left in memory, in several
 * rounds; then one word as people ask it.
 */
export async function asked(
  deployment: Deployment,
  kinds: readonly QueryKind[],
  signal: AbortSignal,
): Promise<readonly KindTimes[]> {
  const [times, totals] = [new Map<QueryKind, number[]>(), new Map<QueryKind, number[]>()];
  const questions = await inTurn(deployment, kinds);
  for (let round = 0; round < rounds; round++) {
    for (const question of questions) {
      signal.throwIfAborted();
      const elapsed = stopwatch();
      const total = await answer(deployment, question);
      listIn(times, question.kind).push(elapsed());
      listIn(totals, question.kind).push(total);
    }
  }
  const all = kinds.flatMap((kind) => summaryOf(kind, times.get(kind) ?? [], totals.get(kind) ?? []));
  return [...all, await throughTheService(deployment, kinds)];
}

/** One of each kind, then the next of each. Where a query has no page 1,000, it is not asked for. */
async function inTurn(deployment: Deployment, kinds: readonly QueryKind[]): Promise<readonly Question[]> {
  const questions: Question[] = [];
  const most = Math.max(...kinds.map(({ queries }) => queries.length));
  for (let at = 0; at < most; at++) {
    for (const kind of kinds) {
      const query = kind.queries[at];
      if (query === undefined) continue;
      const after = kind.asks === 'page 1,000' ? await cursorBefore(deployment, query) : undefined;
      if (kind.asks !== 'page 1,000' || after !== undefined) questions.push({ kind, query, after });
    }
  }
  return questions;
}

async function cursorBefore(deployment: Deployment, query: string): Promise<string | undefined> {
  const request = requestOf(deployment, query);
  let after: string | undefined;
  for (let left = (pageAskedFor - 1) * hitsPerPage; left > 0; left -= largestPage) {
    after = (await deployment.index.search({ ...request, after, limit: Math.min(left, largestPage) })).next;
    if (after === undefined) return undefined;
  }
  return after;
}

async function answer(deployment: Deployment, { kind, query, after }: Question): Promise<number> {
  const request = requestOf(deployment, query);
  if (kind.asks === 'count') return (await deployment.index.count(request)).total;
  const sort = kind.asks === 'first page by relevance' ? 'relevance' : 'date';
  return (await deployment.index.search({ ...request, sort, after })).total;
}

function requestOf({ catalog, ledger }: Deployment, query: string): SearchRequest {
  const facts = factsAsOf(catalog, ledger.head.size - 1);
  return { query: parseQuery(query), facts, sort: 'date', limit: hitsPerPage };
}

async function throughTheService(deployment: Deployment, kinds: readonly QueryKind[]): Promise<KindTimes> {
  const queries = kinds[0]?.queries ?? [];
  const [times, totals]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const query of queries) {
      const elapsed = stopwatch();
      totals.push((await deployment.searching.search({ query, sort: 'date', limit: hitsPerPage }, 'bench')).total);
      times.push(elapsed());
    }
  }
  const kind: QueryKind = { name: 'as people ask', asks: 'first page by date', queries };
  const [summary] = summaryOf(kind, times, totals);
  if (summary === undefined) throw new Error('The mail has no words to ask about.');
  return summary;
}

/** Nothing of a kind that could not be asked. */
function summaryOf({ queries, ...kind }: QueryKind, times: readonly number[], totals: readonly number[]): KindTimes[] {
  if (times.length === 0) return [];
  const [p50Ms, p95Ms, p99Ms] = [50, 95, 99].map((percent) => percentile(times, percent));
  const hits = [Math.min(...totals), Math.max(...totals)] as const;
  const example = queries[0] ?? '';
  return [
    { ...kind, queries: times.length / rounds, example, hits, p50Ms: p50Ms ?? 0, p95Ms: p95Ms ?? 0, p99Ms: p99Ms ?? 0 },
  ];
}

function listIn(lists: Map<QueryKind, number[]>, kind: QueryKind): number[] {
  const list = lists.get(kind) ?? [];
  lists.set(kind, list);
  return list;
}
