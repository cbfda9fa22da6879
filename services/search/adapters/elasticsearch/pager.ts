import type { estypes } from '@elastic/elasticsearch';
import { dateBounds, positivePhrases, type Ast } from '../../ast.ts';
import type { PageKey } from '../../cursor.ts';
import { bandOf } from '../../date-order.ts';
import type { SearchRequest } from '../../search-index.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { type EngineQuery, phraseClauses, phraseQuery, rangeQuery, upTo } from './leaf-query.ts';
import type { Matched, QueryRun } from './query-run.ts';
import { sequenceQuery } from './sequence-query.ts';
import { hitFields, shownIn, type ShownMessage } from './source.ts';

/** Words beyond this many clauses do not count towards relevance; they count towards what is found. */
const SCORED_CLAUSES_MAX = 450;
/** How many keys are asked for at a time where most may be no members. */
const WALK = 10_000;

/** Pages up to this size come with what they show; of a larger one it is read in parts. */
const SHOWN_TOGETHER_MAX = 500;

export interface FoundKey extends PageKey {
  readonly shown?: ShownMessage | undefined;
}

export interface Page {
  readonly total: number;
  /** One more than the request's limit where another page follows. */
  readonly keys: readonly FoundKey[];
}

/** Lists what matched in the order that is asked for, behind a key. */
export class Pager {
  readonly #run: QueryRun;
  readonly #inlineSequencesMax: number;

  constructor(run: QueryRun, inlineSequencesMax: number) {
    this.#run = run;
    this.#inlineSequencesMax = inlineSequencesMax;
  }

  async page(request: SearchRequest, matched: Matched, after: PageKey | undefined): Promise<Page> {
    const size = request.limit + 1;
    if (matched.kind === 'query') return this.#ask(request, matched.query, size, after);
    const inline = sequenceQuery(matched.set, this.#inlineSequencesMax);
    const keys =
      inline === undefined
        ? await this.#walk(request, matched.set, size, after)
        : (await this.#ask(request, inline, size, after)).keys;
    return { total: matched.set.size, keys };
  }

  async #ask(request: SearchRequest, query: EngineQuery, size: number, after: PageKey | undefined): Promise<Page> {
    const { hits } = await this.#run.search({
      ...(request.sort === 'date' ? byDate(query, after) : byRelevance(query, request.query, after)),
      size,
      track_total_hits: true,
      ...(size <= SHOWN_TOGETHER_MAX + 1 ? { _source: [...hitFields], stored_fields: [] } : {}),
    });
    const total = typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0);
    return { total, keys: hits.hits.map((hit) => ({ ...keyOf(request.sort, hit.sort ?? []), shown: shownOf(hit) })) };
  }

  /** Through everything in that order, leaving out what is no member: for sets that are too large to be sent. */
  async #walk(
    request: SearchRequest,
    set: SequenceSet,
    size: number,
    after: PageKey | undefined,
  ): Promise<readonly FoundKey[]> {
    const keys: FoundKey[] = [];
    const { from, before } = dateBounds(request.query);
    const bounds = from === null && before === null ? [] : [rangeQuery({ field: 'date', from, before })];
    const query: EngineQuery = { bool: { filter: [upTo(this.#run.asOf), ...bounds] } };
    let last = after;
    for (;;) {
      const { keys: some } = await this.#ask(request, query, WALK, last);
      for (const key of some) {
        if (set.has(key.sequence)) keys.push(key);
        if (keys.length === size) return keys;
      }
      last = some.at(-1);
      if (last === undefined || some.length < WALK) return keys;
    }
  }
}

/** As `compareByDate`: within a band newest first, of one moment the later capture first. */
function byDate(query: EngineQuery, after: PageKey | undefined): estypes.SearchRequest {
  return {
    query,
    // Without a date, a message is in a band of its own, and any number will do.
    sort: [{ band: 'asc' }, { date: { order: 'desc', missing: 0 } }, { sequence: 'desc' }],
    ...(after === undefined ? {} : { search_after: [bandOf(after.value), after.value ?? 0, after.sequence] }),
  };
}

/** BM25 over all indices together; what has none of the words scores 0, and of equals the later capture is first. */
function byRelevance(query: EngineQuery, ast: Ast, after: PageKey | undefined): estypes.SearchRequest {
  return {
    query: { bool: { filter: [query], should: scored(ast), minimum_should_match: 0 } },
    sort: [{ _score: { order: 'desc' } }, { sequence: 'desc' }],
    search_type: 'dfs_query_then_fetch',
    ...(after === undefined ? {} : { search_after: [after.value ?? 0, after.sequence] }),
  };
}

function scored(ast: Ast): EngineQuery[] {
  const queries = new Map<string, EngineQuery>();
  let clauses = 0;
  for (const phrase of positivePhrases(ast)) {
    const key = `${phrase.field}:${phrase.terms.join(' ')}`;
    clauses += queries.has(key) ? 0 : phraseClauses(phrase);
    if (clauses > SCORED_CLAUSES_MAX) break;
    queries.set(key, phraseQuery(phrase));
  }
  return [...queries.values()];
}

function keyOf(sort: SearchRequest['sort'], values: estypes.SortResults): PageKey {
  if (sort === 'relevance') return { value: Number(values[0]), sequence: Number(values[1]) };
  const [band, date, sequence] = values.map(Number);
  const isDated = band !== undefined && band !== bandOf(null);
  return { value: isDated ? (date ?? 0) : null, sequence: sequence ?? 0 };
}

function shownOf({ _source: source }: estypes.SearchHit): ShownMessage | undefined {
  return source === undefined ? undefined : shownIn(source);
}
