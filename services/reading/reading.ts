import type { Sequence } from '#kernel';
import type { BlobStore } from '#archive';
import { factsAsOf, type MessageRecord, type Recorder, type SightingRecord } from '#catalog';
import { headerText, messageText, parseMessage } from '#message';
import type { EntryDraft } from '#ledger';
import {
  type Ast,
  type CountAnswer,
  type Hit,
  parseQuery,
  type SearchAnswer,
  SearchFault,
  type SearchIndex,
} from '#search';
import { type Certificate, certificateOf } from './certificate.ts';
import { ReadingFault } from './reading-fault.ts';
import { TermCounter, type TermReport } from './term-report.ts';

export interface SearchOrder {
  readonly query: string;
  readonly sort: 'date' | 'relevance';
  readonly limit: number;
  /** The last sequence that counts; by default the newest. */
  readonly asOf?: number | undefined;
  readonly after?: string | undefined;
}

/** A hit with what the catalog knows of it. */
export interface FoundHit extends Hit {
  readonly custodians: readonly string[];
}

export interface FoundPage extends Omit<SearchAnswer, 'hits'> {
  readonly hits: readonly FoundHit[];
}

export interface ShownMessage {
  readonly message: MessageRecord;
  /** Until when storage keeps it, by every schedule so far, in ms since 1970; `null`: no duty to keep. */
  readonly retainUntil: number | null;
  readonly sightings: readonly SightingRecord[];
  readonly holds: readonly string[];
  /** What it was disposed of by. */
  readonly certificate: Certificate | null;
  /** The generations before it, newest first: the same bytes, disposed of and shown again. */
  readonly earlier: readonly EarlierGeneration[];
}

export interface EarlierGeneration {
  readonly message: MessageRecord;
  readonly certificate: Certificate | null;
}

export type ReadKind = 'raw' | 'headers' | 'text' | 'message';

/** How people read: every answer that quotes a message is in the ledger before its first byte leaves (DESIGN rule 10). */
export class Reading {
  readonly #recorder: Recorder;
  readonly #archive: BlobStore;
  readonly #index: SearchIndex;

  constructor(recorder: Recorder, archive: BlobStore, index: SearchIndex) {
    this.#recorder = recorder;
    this.#archive = archive;
    this.#index = index;
  }

  /** @throws SearchFault `query-invalid`, `cursor-invalid`; ReadingFault `as-of-beyond` */
  async search(order: SearchOrder, actor: string): Promise<FoundPage> {
    const query = parseQuery(order.query);
    const answer = await this.#index.search({ ...order, ...(await this.#scope(query, order.asOf)) });
    await this.#record(order.query, answer, answer.hits.length, actor);
    const { sightings } = this.#recorder.catalog;
    const hits = answer.hits.map((hit) => {
      const custodians = sightings.ofMessage(hit.sequence, answer.asOf + 1).map((sighting) => sighting.custodian);
      return { ...hit, custodians: [...new Set(custodians)] };
    });
    return { ...answer, hits };
  }

  /** How many match: exact, whatever their number. */
  async count(query: string, asOf: number | undefined, actor: string): Promise<CountAnswer> {
    const answer = await this.#index.count(await this.#scope(parseQuery(query), asOf));
    await this.#record(query, answer, 0, actor);
    return answer;
  }

  /**
   * What each of many terms finds, all as of one moment; each is recorded as a search.
   * @param onProgress how many are done
   * @throws SearchFault `query-invalid`, which says of which term; ReadingFault `as-of-beyond`, `no-terms`
   */
  async terms(
    terms: readonly string[],
    asOf: number | undefined,
    actor: string,
    onProgress?: (done: number) => void,
  ): Promise<TermReport> {
    if (terms.length === 0 || terms.length > termsMax) throw noTerms(terms.length);
    const queries = terms.map(parseTerm);
    const newest = await this.#newestChecked(asOf);
    const { catalog, ledger } = this.#recorder;
    const at = asOf ?? newest;
    const facts = factsAsOf(catalog, at);
    const counter = new TermCounter(catalog, await this.#index.dates(), at + 1);
    const drafts: SearchDraft[] = [];
    let complete = true;
    for (const [place, query] of queries.entries()) {
      const answer = await this.#index.select({ query, facts, asOf: at });
      complete &&= answer.complete;
      const term = terms[place] ?? '';
      counter.add(term, answer.sequences);
      drafts.push(searchDraft(term, { asOf: at, total: answer.sequences.size }, 0, actor));
      onProgress?.(place + 1);
    }
    await ledger.append(drafts);
    return counter.report({ asOf: at, complete });
  }

  /** What a digest, or an unambiguous beginning of one (at least 8 digits), names. @throws ReadingFault */
  find(digest: string): MessageRecord {
    const wanted = digest.trim().toLowerCase();
    if (!/^[0-9a-f]{8,64}$/u.test(wanted)) {
      throw new ReadingFault('digest-invalid', `"${digest}" is not a digest.`, {
        remedy: 'Give 8 to 64 hexadecimal digits, as `muniment search` shows them.',
      });
    }
    const found = this.#recorder.catalog.messages.byPrefix(wanted);
    const first = found[0];
    if (first === undefined) {
      throw new ReadingFault('no-such-message', `There is no message ${digest}.`, {
        remedy: 'Check the digest with `muniment search`.',
      });
    }
    if (found.every((one) => one.digest === first.digest)) return first;
    throw new ReadingFault('digest-ambiguous', `${digest} begins more than one digest.`, {
      remedy: 'Give more digits.',
    });
  }

  /** What is known of a message, without its content. */
  async about(message: MessageRecord): Promise<ShownMessage> {
    const { messages, sightings, holds } = this.#recorder.catalog;
    const stored = message.state === 'archived' ? await this.#archive.stat(message) : undefined;
    return {
      message,
      retainUntil: stored?.lock.retainUntil ?? message.retainUntil,
      sightings: sightings.ofMessage(message.sequence),
      holds: holds.onMessage(message.sequence).map((hold) => hold.id),
      certificate: this.#certificate(message),
      earlier: messages.before(message).map((one) => ({ message: one, certificate: this.#certificate(one) })),
    };
  }

  /**
   * A C2SP tlog-proof that the message's capture is in the ledger, by the checkpoint of `asOf`, the newest by default.
   * @throws ReadingFault `as-of-beyond`, `as-of-before-capture`
   */
  async proof({ sequence, digest }: MessageRecord, asOf: number | undefined): Promise<string> {
    const { ledger, catalog } = this.#recorder;
    await this.#newestChecked(asOf);
    if (asOf !== undefined && asOf < sequence) {
      throw new ReadingFault('as-of-before-capture', `${digest} was captured at sequence ${sequence}, after ${asOf}.`, {
        remedy: `Give ${sequence} or a later sequence, or none for the newest.`,
      });
    }
    return ledger.proof(catalog.tiles, sequence, asOf === undefined ? undefined : asOf + 1);
  }

  /** A signed C2SP checkpoint of the ledger up to `asOf`, the newest by default. @throws ReadingFault `as-of-beyond` */
  async checkpoint(asOf: number | undefined): Promise<string> {
    const newest = await this.#newestChecked(asOf);
    const { ledger, catalog } = this.#recorder;
    return ledger.checkpoint(catalog.tiles, (asOf ?? newest) + 1);
  }

  /** The bytes as received, in chunks, recorded before the first. @throws ReadingFault `disposed`; ArchiveFault `damaged` */
  async *raw(message: MessageRecord, actor: string): AsyncIterable<Buffer> {
    await this.#recordRead(message, 'raw', actor);
    yield* this.#archive.stream(message);
  }

  /** The header block as text. */
  async headers(message: MessageRecord, actor: string): Promise<string> {
    await this.#recordRead(message, 'headers', actor);
    return headerText(await this.#window(message));
  }

  /** What a person reads: addresses, subject, date, body, attachments. */
  async text(message: MessageRecord, actor: string): Promise<string> {
    await this.#recordRead(message, 'text', actor);
    return messageText(parseMessage(await this.#window(message)));
  }

  #certificate({ state, sequence }: MessageRecord): Certificate | null {
    return state === 'archived' ? null : certificateOf(this.#recorder.catalog.dispositions.ofMessage(sequence));
  }

  async #scope(query: Ast, asOf: number | undefined) {
    const newest = await this.#newestChecked(asOf);
    return { query, asOf, facts: factsAsOf(this.#recorder.catalog, asOf ?? newest) };
  }

  /** The newest sequence, after everything before it was folded. @throws ReadingFault `as-of-beyond` */
  async #newestChecked(asOf: number | undefined): Promise<number> {
    await this.#recorder.catchUp();
    const newest = this.#recorder.ledger.head.size - 1;
    if (asOf === undefined || asOf <= newest) return newest;
    throw new ReadingFault('as-of-beyond', `The ledger ends at sequence ${newest}; ${asOf} is not there yet.`, {
      remedy: 'Give an earlier sequence, or none for the newest.',
    });
  }

  async #record(query: string, answer: Counted, shown: number, actor: string): Promise<void> {
    await this.#recorder.ledger.append([searchDraft(query, answer, shown, actor)]);
  }

  async #recordRead(message: MessageRecord, what: ReadKind, actor: string): Promise<void> {
    if (message.state !== 'archived') {
      throw new ReadingFault('disposed', `The message ${message.digest} was disposed of.`, {
        remedy: 'The content is gone. `muniment show` has the certificate.',
      });
    }
    await this.#recorder.ledger.append([{ kind: 'read', actor, what, captures: [message.sequence], aside: {} }]);
  }

  /** The beginning of a message, as much as is parsed. */
  async #window(message: MessageRecord): Promise<Buffer> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.#archive.stream(message)) {
      parts.push(chunk);
      length += chunk.length;
      if (length >= windowBytesMax) break;
    }
    return Buffer.concat(parts);
  }
}

const windowBytesMax = 64 * 1024 * 1024;

/** Each is a search, and an entry in the ledger. */
const termsMax = 2_000;

type Counted = Pick<CountAnswer, 'asOf' | 'total'>;
type SearchDraft = Extract<EntryDraft, { kind: 'search' }>;

function searchDraft(query: string, { asOf, total }: Counted, shown: number, actor: string): SearchDraft {
  return { kind: 'search', actor, asOf: Math.max(0, asOf) as Sequence, total, shown, aside: { query } };
}

/** @throws SearchFault `query-invalid`, with the term and its place among the others */
function parseTerm(term: string, place: number): Ast {
  try {
    return parseQuery(term);
  } catch (thrown) {
    if (!(thrown instanceof SearchFault)) throw thrown;
    const { code, message, remedy, facts } = thrown;
    throw new SearchFault(code, `term ${place + 1} (${term.slice(0, 100)}): ${message}`, {
      remedy: `${remedy} Nothing was searched for.`,
      facts: { ...facts, term: place + 1 },
    });
  }
}

function noTerms(count: number): ReadingFault {
  const problem = count === 0 ? 'There is no term.' : `${count} terms are more than ${termsMax}.`;
  const remedy = count === 0 ? 'Write one query on each line.' : 'Divide the list.';
  return new ReadingFault('no-terms', problem, { remedy });
}
