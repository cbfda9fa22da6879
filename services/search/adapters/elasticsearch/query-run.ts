import type { estypes } from '@elastic/elasticsearch';
import { z } from 'zod';
import type { Ast, NearNode, PhraseNode } from '../../ast.ts';
import { type DateKey, datesOf } from '../../date-order.ts';
import { judge } from '../../evaluator.ts';
import { type MarkCounts, MarkTally } from '../../mark-tally.ts';
import type { Patience } from '../../patience.ts';
import type { GroupingMark, MarkField } from '../../marks.ts';
import type { FactResolver, SelectRequest } from '../../search-index.ts';
import { SequenceSet } from '../../sequence-set.ts';
import type { ArchiveState, Generation } from './archive-state.ts';
import { compile, leaf, type Plan } from './compiler.ts';
import type { Connection } from './connection.ts';
import type { DocumentReader } from './document-reader.ts';
import { AGAIN, lost, unavailable } from './elasticsearch-fault.ts';
import type { IndexNames } from './index-names.ts';
import { type EngineQuery, upTo } from './leaf-query.ts';
import { byRemoved, scan } from './scan.ts';
import { sequenceLists, sequenceQuery } from './sequence-query.ts';
import { summedCounts, type ValueCount } from './value-counts.ts';

/** What a query is true of: by a query for the engine, or as a set where the engine's bounds are too narrow for it. */
export type Matched =
  { readonly kind: 'query'; readonly query: EngineQuery } | { readonly kind: 'set'; readonly set: SequenceSet };

export interface RunParts {
  readonly connection: Connection;
  readonly names: IndexNames;
  readonly documents: DocumentReader;
  /** A fact that is true of more messages is not sent to the engine. */
  readonly inlineSequencesMax: number;
}

const VERIFIED_TOGETHER = 200;

/** Of so few captures only the marks of these are read, of more those of all. */
const GROUPED_INLINE_MAX = 10_000;

/** Of a mark, in one answer. */
const VALUES_TOGETHER = 1000;

const valuesSchema = z.object({
  values: z.object({
    buckets: z.array(z.object({ key: z.object({ value: z.string() }), doc_count: z.int() })),
    after_key: z.object({ value: z.string() }).optional(),
  }),
});

const isStub: EngineQuery = { exists: { field: 'stub' } };

/** One question to one generation of the index, as of one sequence. */
export class QueryRun {
  readonly #parts: RunParts;
  readonly #state: ArchiveState;
  readonly #generation: Generation;
  readonly asOf: number;
  readonly #patience: Patience;
  #isPartial = false;

  constructor(parts: RunParts, state: ArchiveState, generation: Generation, asOf: number, patience: Patience) {
    this.#patience = patience;
    this.#parts = parts;
    this.#state = state;
    this.#generation = generation;
    this.asOf = asOf;
  }

  get isComplete(): boolean {
    return this.asOf < this.#generation.position && !this.#isPartial;
  }

  /** No index exists before the first message: there is nothing to ask. */
  get isEmpty(): boolean {
    return this.#generation.spans.length === 0;
  }

  /** What to name in a request: all indices of the generation. */
  get index(): string {
    return this.#parts.names.spans(this.#generation.name);
  }

  async match({ query, facts }: SelectRequest): Promise<Matched> {
    const inlineMax = this.#parts.inlineSequencesMax;
    const sets = new Map<string, SequenceSet>();
    const plan = compile(query, ({ field, value }): Plan => {
      const key = `${field}:${value}`;
      const set = sets.get(key) ?? facts[field](value).below(this.asOf + 1);
      sets.set(key, set);
      const inline = sequenceQuery(set, inlineMax);
      return inline === undefined ? { kind: 'set', set } : leaf(inline);
    });
    const stubs = this.#generation.stubs ? await this.#stubs(query, facts) : undefined;
    if (plan.kind !== 'query') {
      const set = (await this.#read(plan)).below(this.asOf + 1);
      return { kind: 'set', set: stubs === undefined ? set : set.minus(stubs.all).or(stubs.matching) };
    }
    if (stubs === undefined) return { kind: 'query', query: this.#within(plan.query) };
    const matching = sequenceQuery(stubs.matching, Number.MAX_SAFE_INTEGER) ?? { match_none: {} };
    const either = [{ bool: { filter: [plan.query], must_not: [isStub] } }, matching];
    return { kind: 'query', query: this.#within({ bool: { should: either, minimum_should_match: 1 } }) };
  }

  /** The members of what matched. */
  async set(matched: Matched): Promise<SequenceSet> {
    return matched.kind === 'set' ? matched.set : this.#scan(matched.query);
  }

  async count(matched: Matched): Promise<number> {
    if (matched.kind === 'set') return matched.set.size;
    const { hits } = await this.search({ query: matched.query, size: 0, track_total_hits: true });
    return typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0);
  }

  /** Everything up to the moment. */
  every(): Promise<SequenceSet> {
    return this.#scan(this.#within({ match_all: {} }));
  }

  /** Of everything up to the moment, by its sequence; NaN where there is none. */
  async dates(): Promise<Float64Array> {
    const dated: DateKey[] = [];
    const request = {
      query: this.#within({ exists: { field: 'date' } }),
      sort: [{ sequence: { order: 'asc' as const } }, { date: { order: 'asc' as const } }],
    };
    for await (const answer of scan(this.#parts.connection, this.index, request)) {
      this.observe(answer);
      for (const { sort } of answer.hits.hits) dated.push({ sequence: Number(sort?.[0]), date: Number(sort?.[1]) });
    }
    return datesOf(dated);
  }

  /** Of these captures how many have each value of a mark: page after page, because one answer has a bound on values. */
  async markCounts(field: MarkField, within: SequenceSet): Promise<MarkCounts> {
    const tally = new MarkTally(field);
    const parts = sequenceLists(within).map((part) => this.#valuesOf(field, part));
    for await (const { value, count } of summedCounts(parts)) tally.add(value, count);
    return tally.counts();
  }

  async *#valuesOf(field: MarkField, query: EngineQuery): AsyncGenerator<ValueCount> {
    let after: Record<string, string> | undefined;
    do {
      const sources = [{ value: { terms: { field: `marks.${field}` } } }];
      const composite = { size: VALUES_TOGETHER, sources, ...(after === undefined ? {} : { after }) };
      const answer = await this.search({ query, size: 0, aggs: { values: { composite } } });
      const found = valuesSchema.parse(answer.aggregations).values;
      for (const { key, doc_count: count } of found.buckets) yield { value: key.value, count };
      after = found.after_key;
    } while (after !== undefined);
  }

  /** The messages with each value of a mark that several of these have. @throws SearchFault `index-unavailable` where a part is missing */
  async groups(field: GroupingMark, within: SequenceSet): Promise<readonly (readonly number[])[]> {
    const name = `marks.${field}`;
    const narrow = sequenceQuery(within, GROUPED_INLINE_MAX) ?? upTo(within.last);
    const query: EngineQuery = { bool: { filter: [{ exists: { field: name } }, narrow] } };
    const sort = [{ [name]: { order: 'asc' as const } }, { sequence: { order: 'asc' as const } }];
    const groups: number[][] = [];
    let current: number[] = [];
    let last: string | undefined;
    for await (const answer of scan(this.#parts.connection, this.index, { query, sort })) {
      this.observe(answer);
      for (const hit of answer.hits.hits) {
        const [value, sequence] = [String(hit.sort?.[0]), Number(hit.sort?.[1])];
        if (value !== last) current = [];
        if (current.push(sequence) === 2) groups.push(current);
        last = value;
      }
    }
    if (this.#isPartial) throw unavailable('only a part of the search index has answered', AGAIN);
    return groups;
  }

  /** What stands for removed messages, wherever the moment is. */
  async removed(): Promise<number[]> {
    const removed: number[] = [];
    const request = { query: { exists: { field: 'removed' } }, sort: byRemoved };
    for await (const answer of scan(this.#parts.connection, this.index, request)) {
      this.observe(answer);
      removed.push(...answer.hits.hits.map(({ sort }) => Number(sort?.[0])));
    }
    return removed;
  }

  /** @throws SearchFault `index-damaged` when an index of the generation is gone */
  async search(request: estypes.SearchRequest): Promise<estypes.SearchResponse> {
    const answer = await this.#parts.connection.ask((client) =>
      client.search({
        index: this.index,
        allow_no_indices: false,
        timeout: this.#parts.connection.searchTimeout,
        _source: false,
        stored_fields: '_none_',
        ...request,
      }),
    );
    this.observe(answer);
    return answer;
  }

  /** Notes when an answer is not the whole one. @throws where it has taken too long */
  observe({ timed_out: timedOut, terminated_early: terminatedEarly, _shards: shards }: estypes.SearchResponse): void {
    this.#patience();
    if (shards.total < this.#generation.spans.length * this.#state.shards) {
      throw lost(`${shards.total} of ${this.#generation.spans.length * this.#state.shards} shards are there`);
    }
    if (timedOut || terminatedEarly === true || shards.failed > 0) this.#isPartial = true;
  }

  async #read(plan: Plan): Promise<SequenceSet> {
    switch (plan.kind) {
      case 'query':
        return this.#scan(this.#within(plan.query));
      case 'verified':
        return this.#verified(await this.#read(plan.candidates), plan.node);
      case 'set':
        return plan.set.and(await this.#everything());
      case 'union':
        return (await this.#readAll(plan.parts)).reduce((left, right) => left.or(right), SequenceSet.of());
      case 'intersection': {
        const [first, ...wanted] = await this.#readAll(plan.wanted);
        const whole = wanted.reduce((left, right) => left.and(right), first ?? (await this.#everything()));
        return (await this.#readAll(plan.unwanted)).reduce((left, right) => left.minus(right), whole);
      }
    }
  }

  async #verified(candidates: SequenceSet, node: PhraseNode | NearNode): Promise<SequenceSet> {
    const set = SequenceSet.of();
    const list = [...candidates];
    for (let from = 0; from < list.length; from += VERIFIED_TOGETHER) {
      this.#patience();
      const some = list.slice(from, from + VERIFIED_TOGETHER);
      for (const [sequence, { document }] of await this.#parts.documents.readAll(this.#state, this.#generation, some)) {
        if (judge(node, document, () => false, this.#patience)) set.add(sequence);
      }
    }
    return set;
  }

  async #readAll(plans: readonly Plan[]): Promise<readonly SequenceSet[]> {
    const sets: SequenceSet[] = [];
    for (const plan of plans) sets.push(await this.#read(plan));
    return sets;
  }

  #known: Promise<SequenceSet> | undefined;

  #everything(): Promise<SequenceSet> {
    return (this.#known ??= this.every());
  }

  /** Stubs are judged by the evaluator, each by its encoded document: they are few, and large. */
  async #stubs(
    query: Ast,
    facts: FactResolver,
  ): Promise<{ readonly all: SequenceSet; readonly matching: SequenceSet }> {
    const all = await this.#scan(this.#within(isStub));
    const wordless = await this.#scan(this.#within({ term: { wordless: { value: true } } }));
    if (wordless.size > 0 && asksForWords(query)) this.#isPartial = true;
    const matching = SequenceSet.of();
    for (const sequence of all) {
      const document = await this.#parts.documents.read(this.#state, this.#generation, sequence);
      if (document === undefined) continue;
      if (judge(query, document.document, (fact) => facts[fact.field](fact.value).has(sequence), this.#patience))
        matching.add(sequence);
    }
    return { all, matching };
  }

  #within(query: EngineQuery): EngineQuery {
    return { bool: { filter: [upTo(this.asOf), query] } };
  }

  async #scan(query: EngineQuery): Promise<SequenceSet> {
    const set = SequenceSet.of();
    if (this.isEmpty) return set;
    for await (const answer of scan(this.#parts.connection, this.index, { query })) {
      this.observe(answer);
      for (const { sort } of answer.hits.hits) set.add(Number(sort?.[0]));
    }
    return set;
  }
}

function asksForWords(ast: Ast): boolean {
  switch (ast.kind) {
    case 'phrase':
    case 'near':
      return true;
    case 'not':
      return asksForWords(ast.child);
    case 'and':
    case 'or':
      return ast.children.some(asksForWords);
    case 'range':
    case 'fact':
    case 'mark':
    case 'all':
      return false;
  }
}
