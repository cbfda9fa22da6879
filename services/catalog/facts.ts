import { type FactResolver, matchesId, matchesMailbox, type MessageFacts, receivedRange, SequenceSet } from '#search';
import type { Digest, Sequence } from '#kernel';
import type { Catalog } from './catalog.ts';

/** What facts mean by everything recorded at or below `asOf`. */
export function factsAsOf(catalog: Catalog, asOf: number): FactResolver {
  const { sightings, sources, messages, holds, ledgerTime } = catalog;
  const through = asOf + 1;
  return {
    custodian: (value) => SequenceSet.of(sightings.messagesIn((place) => matchesId(value, place.custodian), through)),
    mailbox: (value) => SequenceSet.of(sightings.messagesIn((place) => matchesMailbox(value, place.mailbox), through)),
    source: (value) => SequenceSet.of(sightings.messagesFrom((id) => isSource(value, id, sources.nameOf(id)), through)),
    digest: (value) => SequenceSet.of(messages.withPrefix(value)).below(through),
    received: (value) => {
      const { from, before } = receivedRange(value);
      const first = from === null ? 0 : (ledgerTime.firstSince(from) ?? through);
      const end = before === null ? through : (ledgerTime.firstSince(before) ?? through);
      return SequenceSet.below(Math.min(end, through)).minus(SequenceSet.below(first));
    },
    is: (value) => (value === 'held' ? SequenceSet.of(holds.heldAsOf(asOf)).below(through) : unresolved(`is:${value}`)),
    thread: (value) => unresolved(`thread:${value}`),
  };
}

/** Only the messages themselves tell, all of them together. */
function unresolved(condition: string): never {
  throw new Error(`nobody has found out what ${condition} is true of: withRelations does`);
}

/** Where a message was seen. */
interface SeenAt {
  readonly custodian: string;
  readonly mailbox: string;
  readonly source: string;
}

/** What is to be judged: a message that is archived, or one of this digest that is about to be. */
export interface Judged {
  readonly digest: Digest;
  readonly sequence?: Sequence | undefined;
}

/** The same for one message, for the evaluator; `also`: sightings that are about to be recorded. */
export function factsOfMessage(
  catalog: Catalog,
  { digest, sequence }: Judged,
  also: readonly SeenAt[] = [],
): MessageFacts {
  const known = sequence === undefined ? [] : catalog.sightings.ofMessage(sequence);
  const all = [...known, ...also];
  const ids = [...new Set(all.map(({ source }) => source))];
  return {
    custodians: [...new Set(all.map(({ custodian }) => custodian))],
    mailboxes: [...new Set(all.map(({ mailbox }) => mailbox))],
    sources: ids.flatMap((id) => [id, catalog.sources.nameOf(id) ?? id]),
    digest,
    receivedAt: sequence === undefined ? null : (catalog.messages.bySequence(sequence)?.capturedAt ?? null),
    isHeld: sequence !== undefined && catalog.holds.onMessage(sequence).length > 0,
  };
}

function isSource(value: string, id: string, name: string | undefined): boolean {
  return matchesId(value, id) || (name !== undefined && matchesId(value, name));
}
