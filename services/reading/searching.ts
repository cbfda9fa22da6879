import type { Digest, Sequence } from '#kernel';
import { ArchiveFault } from '#archive';
import { factsAsOf, type MessageRecord, type Recorder } from '#catalog';
import {
  type Ast,
  type CountAnswer,
  type Coverage,
  type Excerpt,
  type Hit,
  momentOf,
  parseQuery,
  type QueryLimits,
  type SearchAnswer,
  SearchFault,
  type SearchIndex,
  type Selection,
  setDigest,
  TimeZone,
  withAbsoluteDates,
  withRelations,
} from '#search';
import { type Facet, type FacetName, facetsOf } from './facets.ts';
import { type FoldedAnswer, searchFolded } from './folding.ts';
import type { MessageReader } from './message-reader.ts';
import { newestChecked } from './newest.ts';
import { queryHints } from './query-hints.ts';
import { drawn, type Precision, sampleSize } from './random-sample.ts';
import { ReadingFault } from './reading-fault.ts';
import { compared, type Repetition } from './repetition.ts';
import { type Asked, record, type SearchDraft, searchDraft, type Shown, unlisted } from './search-entry.ts';
import { listSearches, type RecordedSearch, type SearchListPage } from './search-list.ts';
import { TermCounter, type TermReport } from './term-report.ts';

export interface SearchOrder {
  readonly query: string;
  readonly sort: 'date' | 'relevance';
  readonly limit: number;
  /** The last sequence that counts; by default the newest. */
  readonly asOf?: number | undefined;
  readonly after?: string | undefined;
  /** Whether to show why each was found. Reads the messages of the page. */
  readonly excerpts?: boolean | undefined;
  /** Whether copies of one message are one hit: that which was captured first of those that were found. */
  readonly fold?: boolean | undefined;
}

/** A hit with what the catalog knows of it. */
export interface FoundHit extends Hit {
  readonly custodians: readonly string[];
  /** Where they were asked for; absent of a message that could not be read again, or takes too much. Of its first 4 MB. */
  readonly excerpts?: readonly Excerpt[];
  /** Where copies are folded: those of this message that were found as well. */
  readonly copies?: FoundCopies;
}

export interface FoundCopies {
  readonly messages: number;
  /** Of `copiesListedMax` of them at most, in the order in which they were captured. */
  readonly digests: readonly Digest[];
}

/** What the ledger has of a search. */
export interface Recorded {
  /** The entry, by which it can be repeated. */
  readonly search: Sequence;
  /** `setDigest` of all that was found; absent with further pages, with what is incomplete, and where it was too much to list. */
  readonly set?: Digest | undefined;
  /** How many messages up to `asOf` were destroyed after it: they are found no more, and nobody knows whether they would be. */
  readonly destroyedSince: number;
  /** Of dates that were asked for without one, and of facets of time. */
  readonly timeZone: string;
}

export interface FoundPage extends Omit<SearchAnswer, 'hits' | 'sequences'>, Recorded {
  /** Where copies are folded: how many hits are left. `total` is that of all messages. */
  readonly distinct?: number;
  readonly hits: readonly FoundHit[];
}

export interface FoundCount extends Omit<CountAnswer, 'sequences'>, Recorded {}

export interface FoundFacets extends FoundCount {
  readonly facets: readonly Facet[];
}

export interface SampleOrder extends Precision {
  readonly query: string;
  readonly asOf?: number | undefined;
  /** What it is drawn by; by default the set, so that the same messages give the same sample. */
  readonly seed?: string | undefined;
}

export interface FoundSample extends FoundCount {
  readonly seed: string;
  /** In the order in which they were drawn. */
  readonly hits: readonly FoundHit[];
}

export interface SearchingOptions {
  readonly querySeconds?: number;
  readonly timeZone?: TimeZone;
}

/**
 * How people search: every answer is in the ledger before its first byte leaves (DESIGN rule 10), as one that can be repeated. A
 * query that takes longer than one may, or that the signal calls off, has no answer, and is in no ledger: `SearchFault`
 * `query-too-costly`, or the reason of the signal.
 */
export class Searching {
  readonly #recorder: Recorder;
  readonly #reader: MessageReader;
  readonly #index: SearchIndex;
  readonly #queryMs: number;
  /** Of dates that name none, and of facets of time. */
  readonly timeZone: TimeZone;

  /** `querySeconds`: how much work of the index one query may be. */
  constructor(
    recorder: Recorder,
    reader: MessageReader,
    index: SearchIndex,
    { querySeconds = querySecondsDefault, timeZone = TimeZone.utc }: SearchingOptions = {},
  ) {
    this.timeZone = timeZone;
    this.#recorder = recorder;
    this.#reader = reader;
    this.#index = index;
    this.#queryMs = querySeconds * 1000;
  }

  /** @throws SearchFault `query-invalid`, `cursor-invalid`; ReadingFault `as-of-beyond` */
  async search(order: SearchOrder, actor: string, signal?: AbortSignal): Promise<FoundPage> {
    const asked = this.#asked(order.query);
    const limits = this.#limits(signal);
    const scope = await this.#scope(asked, order.asOf ?? momentOf(order.after), limits);
    const request = { ...order, ...scope };
    const answer =
      order.fold === true
        ? await searchFolded(this.#index, request, limits)
        : await this.#index.search(request, limits);
    const { hits, sequences: _, copies, ...page } = { copies: undefined, ...answer };
    const shown = { count: hits.length, ...(order.excerpts === true && { excerpts: true as const }) };
    const recorded = await this.#record(asked, answer, shown, actor);
    const found = hits.map((hit) => ({ ...this.#withCustodians(hit, answer.asOf), ...this.#copiesOf(hit, copies) }));
    if (order.excerpts === true) await this.#addExcerpts(found, asked.ast, signal);
    return { ...page, ...recorded, hits: found };
  }

  /** What of a query may mean something else than was intended. @throws SearchFault `query-invalid` */
  hints(query: string): string[] {
    return queryHints(query, this.#recorder.catalog);
  }

  /** How many match: exact, whatever their number. */
  async count(query: string, asOf: number | undefined, actor: string, signal?: AbortSignal): Promise<FoundCount> {
    const asked = this.#asked(query);
    const limits = this.#limits(signal);
    const answer = await this.#index.count(await this.#scope(asked, asOf, limits), limits);
    const { sequences: _, ...counted } = answer;
    return { ...counted, ...(await this.#record(asked, answer, nothing, actor)) };
  }

  /** What was found, divided by custodian, by month and the like. Lists all of it, whatever the number. */
  async facets(
    query: string,
    names: readonly FacetName[],
    asOf: number | undefined,
    actor: string,
    signal?: AbortSignal,
  ): Promise<FoundFacets> {
    const { answer, recorded } = await this.#select(query, asOf, actor, signal);
    const { sequences, asOf: through } = answer;
    const found = { sequences, through: through + 1, limits: this.#limits(signal), timeZone: this.timeZone };
    const facets = await facetsOf(this.#recorder.catalog, this.#index, names, found);
    return { ...coverageOf(answer), total: answer.total, ...recorded, facets };
  }

  /**
   * A random sample of what was found, to judge all of it by: repeatable by anyone who has the list and the seed.
   * @throws ReadingFault `precision-invalid`, `as-of-beyond`; SearchFault `query-invalid`
   */
  async sample(
    { query, asOf, seed, ...precision }: SampleOrder,
    actor: string,
    signal?: AbortSignal,
  ): Promise<FoundSample> {
    sampleSize(0, precision);
    const asked = this.#asked(query);
    const selection = await this.#all(asked, asOf, signal);
    const { sequences } = selection;
    const total = sequences.size;
    const sowed = seed ?? setDigest(sequences);
    const chosen = drawn(this.#named(sequences), sampleSize(total, precision), sowed);
    const recorded = await this.#record(asked, { ...selection, total }, { count: chosen.length }, actor);
    const hits: FoundHit[] = [];
    for (const { sequence, digest } of chosen) {
      const display = (await this.#index.document(sequence))?.document.display;
      if (display !== undefined) hits.push(this.#withCustodians({ sequence, digest, display }, selection.asOf));
    }
    return { ...coverageOf(selection), total, ...recorded, seed: sowed, hits };
  }

  /**
   * Asks again what was asked, as of the same sequence, and says whether it finds the same.
   * @param search the entry of the search in the ledger
   * @throws ReadingFault `no-such-search`, `search-erased`; SearchFault `query-invalid` where it is not understood any more
   */
  async repeat(search: number, actor: string, signal?: AbortSignal): Promise<Repetition> {
    await this.#recorder.catchUp();
    const { ledger, catalog } = this.#recorder;
    const entry = search < ledger.head.size ? await ledger.entry(search) : undefined;
    if (entry?.kind !== 'search') throw noSuchSearch(search);
    if (entry.aside === 'erased') throw erasedSearch(search);
    const asked = askedBy(entry.aside.query);
    const selection = await this.#allAt(asked, entry.asOf, signal);
    await this.#record(asked, { ...selection, total: selection.sequences.size }, nothing, actor);
    return compared(catalog, entry, asked.ast, selection);
  }

  /** What was searched for, newest first; `before` continues a list. Quotes no message, and leaves no entry. */
  async recorded(page: SearchListPage): Promise<readonly RecordedSearch[]> {
    await this.#recorder.catchUp();
    return listSearches(this.#recorder.ledger, page);
  }

  /**
   * What each of many terms finds, all as of one moment; each is recorded as a search, and may take as long as one.
   * @param onProgress how many are done
   * @throws SearchFault `query-invalid`, `query-too-costly`, which say of which term; ReadingFault `as-of-beyond`, `no-terms`
   */
  async terms(
    terms: readonly string[],
    asOf: number | undefined,
    actor: string,
    onProgress?: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<TermReport> {
    if (terms.length === 0 || terms.length > termsMax) throw noTerms(terms.length);
    const queries: Asked[] = [];
    for (const [place, term] of terms.entries()) queries.push(await atTerm(term, place, async () => this.#asked(term)));
    const newest = await newestChecked(this.#recorder, asOf);
    const { catalog, ledger } = this.#recorder;
    const at = asOf ?? newest;
    const counter = new TermCounter(catalog, await this.#index.dates(), at + 1);
    const drafts: SearchDraft[] = [];
    let complete = true;
    for (const [place, asked] of queries.entries()) {
      const answer = await atTerm(asked.query, place, () => this.#allAt(asked, at, signal));
      complete &&= answer.complete;
      counter.add(terms[place] ?? asked.query, answer.sequences);
      drafts.push(unlisted(searchDraft(asked, { ...answer, total: answer.sequences.size }, nothing, actor)));
      onProgress?.(place + 1);
    }
    await ledger.append(drafts);
    return counter.report({ asOf: at, complete });
  }

  /** What is recorded means the same whatever zone is declared when it is read. */
  #asked(query: string): Asked {
    return askedBy(withAbsoluteDates(query, this.timeZone));
  }

  #limits(signal: AbortSignal | undefined): QueryLimits {
    return { milliseconds: this.#queryMs, signal };
  }

  async #scope({ ast }: Asked, asOf: number | undefined, limits: QueryLimits) {
    const newest = await newestChecked(this.#recorder, asOf);
    const request = { query: ast, asOf, facts: factsAsOf(this.#recorder.catalog, asOf ?? newest) };
    return withRelations(this.#index, request, limits);
  }

  /** All that match. */
  async #all(asked: Asked, asOf: number | undefined, signal: AbortSignal | undefined): Promise<Selection> {
    const limits = this.#limits(signal);
    return this.#index.select(await this.#scope(asked, asOf, limits), limits);
  }

  /** The same as of a sequence up to which all is folded. */
  async #allAt({ ast }: Asked, asOf: number, signal: AbortSignal | undefined): Promise<Selection> {
    const limits = this.#limits(signal);
    const request = { query: ast, asOf, facts: factsAsOf(this.#recorder.catalog, asOf) };
    return this.#index.select(await withRelations(this.#index, request, limits), limits);
  }

  async #select(query: string, asOf: number | undefined, actor: string, signal: AbortSignal | undefined) {
    const asked = this.#asked(query);
    const selection = await this.#all(asked, asOf, signal);
    const answer = { ...selection, total: selection.sequences.size };
    return { answer, recorded: await this.#record(asked, answer, nothing, actor) };
  }

  async #record(asked: Asked, answer: CountAnswer, shown: Shown, actor: string): Promise<Recorded> {
    const draft = searchDraft(asked, answer, shown, actor);
    const { ledger, catalog } = this.#recorder;
    const destroyedSince = catalog.dispositions.destroyedSince(answer.asOf);
    return { search: await record(ledger, draft), set: draft.set, destroyedSince, timeZone: this.timeZone.name };
  }

  /** One after the other: each may be large. */
  async #addExcerpts(hits: FoundHit[], query: Ast, signal: AbortSignal | undefined): Promise<void> {
    for (const [place, hit] of hits.entries()) {
      signal?.throwIfAborted();
      const message = this.#recorder.catalog.messages.bySequence(hit.sequence);
      const excerpts = message === undefined ? undefined : await this.#excerpts(message, query);
      if (excerpts !== undefined) hits[place] = { ...hit, excerpts };
    }
  }

  async #excerpts(message: MessageRecord, query: Ast): Promise<readonly Excerpt[] | undefined> {
    try {
      return await this.#reader.excerpts(message, query);
    } catch (thrown) {
      if (thrown instanceof ArchiveFault || thrown instanceof ReadingFault) return undefined;
      throw thrown;
    }
  }

  #copiesOf({ sequence }: Hit, copies: FoldedAnswer['copies'] | undefined): Pick<FoundHit, 'copies'> {
    const theirs = copies?.get(sequence);
    if (theirs === undefined) return {};
    const digests = Array.from(this.#named(theirs.slice(0, copiesListedMax)), ({ digest }) => digest);
    return { copies: { messages: theirs.length, digests } };
  }

  #withCustodians(hit: Hit, asOf: number): FoundHit {
    const seen = this.#recorder.catalog.sightings.ofMessage(hit.sequence, asOf + 1);
    return { ...hit, custodians: [...new Set(seen.map((sighting) => sighting.custodian))] };
  }

  *#named(sequences: Iterable<Sequence>): Generator<{ readonly sequence: Sequence; readonly digest: Digest }> {
    for (const sequence of sequences) {
      const digest = this.#recorder.catalog.messages.bySequence(sequence)?.digest;
      if (digest !== undefined) yield { sequence, digest };
    }
  }
}

/** What one person may have others wait for. */
export const querySecondsDefault = 30;

const nothing: Shown = { count: 0 };

/** Beyond it they are counted. */
export const copiesListedMax = 1_000;

/** Each is a search, and an entry in the ledger. */
const termsMax = 2_000;

function askedBy(query: string): Asked {
  return { query, ast: parseQuery(query) };
}

/** @throws the SearchFault of the work, with the term and its place among the others */
async function atTerm<T>(term: string, place: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof SearchFault)) throw thrown;
    const { code, message, remedy, facts } = thrown;
    throw new SearchFault(code, `term ${place + 1} (${term.slice(0, 100)}): ${message}`, {
      remedy: `${remedy} Nothing was ${code === 'query-invalid' ? 'searched for' : 'reported of the others'}.`,
      facts: { ...facts, term: place + 1 },
    });
  }
}

function coverageOf({ asOf, complete }: Coverage): Coverage {
  return { asOf, complete };
}

function noTerms(count: number): ReadingFault {
  const problem = count === 0 ? 'There is no term.' : `${count} terms are more than ${termsMax}.`;
  const remedy = count === 0 ? 'Write one query on each line.' : 'Divide the list.';
  return new ReadingFault('no-terms', problem, { remedy });
}

function noSuchSearch(search: number): ReadingFault {
  return new ReadingFault('no-such-search', `Entry ${search} of the ledger is no search.`, {
    remedy: 'Give the number that a search ended with: "search 1204".',
  });
}

function erasedSearch(search: number): ReadingFault {
  return new ReadingFault('search-erased', `The text of search ${search} was erased.`, {
    remedy: 'It cannot be repeated.',
  });
}
