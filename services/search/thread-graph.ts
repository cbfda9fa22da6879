import type { RelatedMessage, Topic } from './related-message.ts';

/** Between an answer without references and a message of its topic. */
export const TOPIC_WINDOW_MS = 30 * 24 * 60 * 60 * 1000;

/** Whoever took part in a topic, with what they wrote and got of it. */
interface Correspondence {
  readonly messages: { readonly sequence: number; readonly topic: Topic }[];
  isToBeTied: boolean;
}

/**
 * Which messages belong together, of those that were added. Two messages are tied where one names what the other is or names
 * (RFC 5322 §3.6.4), where they are copies, and where one of them calls itself an answer without saying to which message, and both
 * have topic and somebody in common, and are no more than the window apart. What is tied to the same is one thread.
 */
export class ThreadGraph {
  readonly #messages = new Map<number, RelatedMessage>();
  readonly #parents = new Map<number, number>();
  /** The first message with a tie. */
  readonly #holders = new Map<string, number>();
  readonly #correspondences = new Map<string, Correspondence>();

  get size(): number {
    return this.#messages.size;
  }

  has(sequence: number): boolean {
    return this.#messages.has(sequence);
  }

  add(message: RelatedMessage): void {
    const { sequence, ties, topic } = message;
    this.#messages.set(sequence, message);
    this.#parents.set(sequence, sequence);
    for (const tie of ties) {
      const holder = this.#holders.get(tie);
      if (holder === undefined) this.#holders.set(tie, sequence);
      else this.#unite(holder, sequence);
    }
    for (const participant of topic?.participants ?? []) {
      const one = this.#correspondence(`${topic?.mark}\n${participant}`);
      if (topic !== undefined) one.messages.push({ sequence, topic });
      one.isToBeTied = true;
    }
  }

  /** The messages of each thread. Linear in what was added since, but for sorting. */
  threads(): ReadonlyMap<number, readonly RelatedMessage[]> {
    for (const one of this.#correspondences.values()) if (one.isToBeTied) this.#tie(one);
    return Map.groupBy(this.#messages.values(), ({ sequence }) => this.#root(sequence));
  }

  #correspondence(key: string): Correspondence {
    const known = this.#correspondences.get(key);
    if (known !== undefined) return known;
    const begun: Correspondence = { messages: [], isToBeTied: true };
    this.#correspondences.set(key, begun);
    return begun;
  }

  /** Each with the nearest answer before and behind it: any other that is near enough is tied to that one. */
  #tie(one: Correspondence): void {
    one.messages.sort((a, b) => a.topic.date - b.topic.date);
    one.isToBeTied = false;
    for (const messages of [one.messages, one.messages.toReversed()]) {
      let answer: Correspondence['messages'][number] | undefined;
      for (const message of messages) {
        const apart = answer === undefined ? Infinity : Math.abs(answer.topic.date - message.topic.date);
        if (answer !== undefined && apart <= TOPIC_WINDOW_MS) this.#unite(answer.sequence, message.sequence);
        if (message.topic.isLooseAnswer) answer = message;
      }
    }
  }

  #unite(one: number, other: number): void {
    const [a, b] = [this.#root(one), this.#root(other)];
    // The earliest capture names the thread.
    if (a < b) this.#parents.set(b, a);
    else if (b < a) this.#parents.set(a, b);
  }

  #root(sequence: number): number {
    let root = sequence;
    for (
      let parent = this.#parents.get(root);
      parent !== undefined && parent !== root;
      parent = this.#parents.get(root)
    ) {
      root = parent;
    }
    for (let at = sequence; at !== root;) {
      const parent = this.#parents.get(at) ?? root;
      this.#parents.set(at, root);
      at = parent;
    }
    return root;
  }
}
