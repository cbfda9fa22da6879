import { asDigest, type Digest } from '#kernel';
import { analyze } from './analyzer.ts';
import type { FactNode } from './ast.ts';
import { parseDateRange } from './query/date-range.ts';
import type { Range } from './query/range.ts';

/** What is known of one message besides its bytes, over all its sightings. */
export interface MessageFacts {
  readonly custodians: readonly string[];
  readonly mailboxes: readonly string[];
  /** Ids of sources, and the names of those that have one. */
  readonly sources: readonly string[];
  readonly digest: Digest;
  /** When it was archived, in milliseconds since 1970; null: that is only about to happen. */
  readonly receivedAt: number | null;
  readonly isHeld: boolean;
}

/** Of a message that was seen nowhere. */
export const nothingKnown: MessageFacts = {
  custodians: [],
  mailboxes: [],
  sources: [],
  digest: asDigest(''),
  receivedAt: null,
  isHeld: false,
};

/** Of one message by itself: in which thread it is, and whether it is a duplicate, only all messages together tell (`withRelations`). */
export function factHolds({ field, value }: FactNode, facts: MessageFacts): boolean {
  switch (field) {
    case 'custodian':
      return facts.custodians.some((custodian) => matchesId(value, custodian));
    case 'mailbox':
      return facts.mailboxes.some((mailbox) => matchesMailbox(value, mailbox));
    case 'source':
      return facts.sources.some((source) => matchesId(value, source));
    case 'digest':
      return facts.digest.startsWith(value);
    case 'received':
      return facts.receivedAt !== null && isWithin(facts.receivedAt, receivedRange(value));
    case 'is':
      return value === 'held' && facts.isHeld;
    case 'thread':
      return false;
  }
}

/** `custodian:VALUE`, `source:VALUE`: the whole id, whatever its case; `*` at the end stands for any rest. */
export function matchesId(value: string, id: string): boolean {
  const wanted = value.toLowerCase();
  const found = id.toLowerCase();
  return wanted.endsWith('*') ? found.startsWith(wanted.slice(0, -1)) : found === wanted;
}

/** `mailbox:VALUE`: exactly this mailbox, or one whose path has the words of VALUE side by side. */
export function matchesMailbox(value: string, mailbox: string): boolean {
  if (value === mailbox) return true;
  const phrase = analyze(value);
  return phrase !== '' && ` ${analyze(mailbox)} `.includes(` ${phrase} `);
}

/** The instants that `received:VALUE` names, in milliseconds since 1970. */
export function receivedRange(value: string): Range {
  const { from, before } = parseDateRange(value, 0);
  return { from, before };
}

function isWithin(instant: number, { from, before }: Range): boolean {
  return (from === null || instant >= from) && (before === null || instant < before);
}
