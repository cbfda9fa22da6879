import { asSequence, type Sequence } from '#kernel';
import type { Ast, PhraseNode } from './ast.ts';
import { markParts, type MarkField } from './marks.ts';
import type { Patience, QueryLimits } from './patience.ts';
import { type RelatedMessage, relatedMessage, type Topic } from './related-message.ts';
import { SearchFault } from './search-fault.ts';
import type { FactResolver, SearchIndex } from './search-index.ts';
import { SequenceSet } from './sequence-set.ts';
import { ThreadGraph, TOPIC_WINDOW_MS } from './thread-graph.ts';

/** Messages that are looked at, of one thread or of several that are looked for together. */
export const THREAD_MESSAGES_MAX = 20_000;

/** Conditions in one question to the index. */
const ASKED_TOGETHER = 400;

/** Documents are read so many at a time: each may have megabytes. */
const READ_TOGETHER = 8;

/** Of a topic with more messages, only those are read that have somebody in common. */
const TOPIC_READ_MAX = 500;

/** Where threads are looked for, as of when. */
export interface ThreadScope {
  readonly index: SearchIndex;
  readonly facts: FactResolver;
  readonly asOf: number;
  readonly limits: QueryLimits | undefined;
  readonly patience: Patience;
}

/**
 * The threads of some messages, whole: what is tied to them, and to what is tied to them, in rounds until nothing new is found.
 * @throws SearchFault `query-too-costly` where that is too much, `index-unavailable` where the index cannot tell all of it
 */
export async function findThreads(
  scope: ThreadScope,
  seeds: SequenceSet,
): Promise<readonly (readonly RelatedMessage[])[]> {
  return new ThreadSearch(scope).find(seeds);
}

class ThreadSearch {
  readonly #scope: ThreadScope;
  readonly #graph = new ThreadGraph();
  /** Ties that were asked for, and messages whose topic was. */
  readonly #asked = new Set<string | Sequence>();

  constructor(scope: ThreadScope) {
    this.#scope = scope;
  }

  async find(seeds: SequenceSet): Promise<readonly (readonly RelatedMessage[])[]> {
    await this.#read(seeds);
    for (;;) {
      const threads = [...this.#graph.threads().values()].filter((some) =>
        some.some(({ sequence }) => seeds.has(sequence)),
      );
      const found = await this.#tiedTo(threads.flat());
      if (found.size === 0) return threads;
      await this.#read(found);
    }
  }

  /** What the index has that may be tied to these, and was not looked at yet. */
  async #tiedTo(messages: readonly RelatedMessage[]): Promise<SequenceSet> {
    const fresh = messages.filter(({ sequence }) => !this.#asked.has(sequence));
    const ties = new Set(fresh.flatMap((one) => one.ties).filter((tie) => !this.#asked.has(tie)));
    for (const key of [...ties, ...fresh.map(({ sequence }) => sequence)]) this.#asked.add(key);
    let found = await this.#selectAny([...ties].flatMap(nodesOf));
    const topics = Map.groupBy(
      fresh.flatMap(({ topic }) => topic ?? []),
      ({ mark }) => mark,
    );
    for (const alike of topics.values()) found = found.or(await this.#ofTopic(alike));
    return found.minus(SequenceSet.of([...found].filter((sequence) => this.#graph.has(sequence))));
  }

  /** @param topics the same of several messages */
  async #ofTopic(topics: readonly Topic[]): Promise<SequenceSet> {
    const [first] = topics;
    if (first === undefined) return SequenceSet.of();
    const dates = topics.map(({ date }) => date);
    const from = dates.reduce((a, b) => Math.min(a, b)) - TOPIC_WINDOW_MS;
    const before = dates.reduce((a, b) => Math.max(a, b)) + TOPIC_WINDOW_MS + 1;
    const near: Ast[] = [markNode(first.mark), { kind: 'range', field: 'date', from, before }];
    const all = await this.#select({ kind: 'and', children: near });
    if (all.size <= TOPIC_READ_MAX) return all;
    const participants = new Set(topics.flatMap((topic) => topic.participants));
    return (await this.#selectAny([...participants].map(participantNode))).and(all);
  }

  async #selectAny(nodes: readonly Ast[]): Promise<SequenceSet> {
    let found = SequenceSet.of();
    for (let from = 0; from < nodes.length; from += ASKED_TOGETHER) {
      const [first, ...others] = nodes.slice(from, from + ASKED_TOGETHER);
      if (first === undefined) break;
      found = found.or(await this.#select(others.length === 0 ? first : { kind: 'or', children: [first, ...others] }));
    }
    return found;
  }

  async #select(query: Ast): Promise<SequenceSet> {
    const { index, facts, asOf, limits, patience } = this.#scope;
    patience();
    const answer = await index.select({ query, facts, asOf }, limits);
    if (!answer.complete) throw incomplete(asOf);
    return answer.sequences;
  }

  async #read(sequences: SequenceSet): Promise<void> {
    if (this.#graph.size + sequences.size > THREAD_MESSAGES_MAX) throw tooMany();
    const list = [...sequences];
    for (let from = 0; from < list.length; from += READ_TOGETHER) {
      this.#scope.patience();
      const some = list.slice(from, from + READ_TOGETHER);
      const messages = await Promise.all(some.map((sequence) => this.#message(sequence)));
      for (const message of messages) if (message !== undefined) this.#graph.add(message);
    }
  }

  /** Undefined of one that was destroyed meanwhile. */
  async #message(sequence: Sequence): Promise<RelatedMessage | undefined> {
    const stored = await this.#scope.index.document(sequence);
    return stored && relatedMessage(asSequence(sequence), stored);
  }
}

/** Who has this tie: of an id, what has it as its own, and what refers to it. */
function nodesOf(tie: string): Ast[] {
  const [field, value] = markParts(tie);
  if (field !== 'message-id') return [markNode(tie)];
  return [markNode(tie), { kind: 'mark', field: 'reference', value }];
}

function markNode(mark: string): Ast {
  const [field, value] = markParts(mark);
  return { kind: 'mark', field: field as MarkField, value };
}

/** True of all who have this address among their participants, and perhaps of more. */
function participantNode(address: string): PhraseNode {
  return { kind: 'phrase', field: 'participants', terms: address.split(' ') };
}

function tooMany(): SearchFault {
  return new SearchFault(
    'query-too-costly',
    `more than ${THREAD_MESSAGES_MAX} messages are in these threads, or may be`,
    {
      remedy: 'Ask for fewer messages, or by subject:, participants: and date: instead.',
      facts: { messages: THREAD_MESSAGES_MAX },
    },
  );
}

function incomplete(asOf: number): SearchFault {
  return new SearchFault('index-unavailable', `the search index cannot tell all of a thread as of sequence ${asOf}`, {
    remedy: 'Try again when `muniment status` shows that the index has caught up.',
    facts: { asOf },
  });
}
