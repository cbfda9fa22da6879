import { type FactResolver, matchesCustodian, matchesMailbox, type MessageFacts, SequenceSet } from '#search';
import type { Sequence } from '#kernel';
import type { Catalog } from './catalog.ts';

/** What `custodian:` and `mailbox:` mean by all sightings recorded at or below `asOf`. */
export function factsAsOf(catalog: Catalog, asOf: number): FactResolver {
  const { sightings } = catalog;
  return {
    custodian: (value) =>
      SequenceSet.of(sightings.messagesIn((place) => matchesCustodian(value, place.custodian), asOf + 1)),
    mailbox: (value) => SequenceSet.of(sightings.messagesIn((place) => matchesMailbox(value, place.mailbox), asOf + 1)),
  };
}

/** The same for one message, for the evaluator; `also`: sightings that are about to be recorded. */
export function factsOfMessage(
  catalog: Catalog,
  message: Sequence | undefined,
  also: readonly { readonly custodian: string; readonly mailbox: string }[] = [],
): MessageFacts {
  const places = message === undefined ? [] : catalog.sightings.ofMessage(message);
  const all = [...places, ...also];
  return {
    custodians: [...new Set(all.map((place) => place.custodian))],
    mailboxes: [...new Set(all.map((place) => place.mailbox))],
  };
}
