import { emptyMessage, type MailAddress, type ParsedMessage } from '#message';
import type { FactField, FactResolver, IndexDocument, MessageFacts, SearchDocument } from '#search';
import { encodeDocument, factHolds, searchDocument, SequenceSet } from '#search';
import { asSequence, digestOf } from '#kernel';

/** A parsed message with only what a test is about. */
export function parsed(parts: Partial<ParsedMessage> = {}): ParsedMessage {
  return { ...emptyMessage, ...parts };
}

export function address(text: string): MailAddress {
  const [, name = '', mailbox = ''] = /^(?:(.*) )?<?([^<> ]*)>?$/u.exec(text) ?? [];
  return { name, address: mailbox };
}

export function documentOf(parts: Partial<ParsedMessage> = {}, size = 1000): SearchDocument {
  return searchDocument(parsed(parts), size);
}

/** Ready for an index; its digest follows from its sequence. */
export function captured(sequence: number, document: SearchDocument): IndexDocument {
  const digest = digestOf(Buffer.from(`message ${sequence}`));
  return { sequence: asSequence(sequence), digest, encoded: encodeDocument(document) };
}

/** What is true of messages at the sequences 0, 1, …, by what is known of each. */
export function factsOf(known: readonly MessageFacts[]): FactResolver {
  const where = (field: FactField) => (value: string) => {
    const fact = { kind: 'fact' as const, field, value };
    const holding = [...known.entries()].filter(([, facts]) => factHolds(fact, facts));
    return SequenceSet.of(holding.map(([place]) => place));
  };
  return resolver(where);
}

/** The same for every fact. */
export function resolver(where: (field: FactField) => (value: string) => SequenceSet): FactResolver {
  return {
    custodian: where('custodian'),
    mailbox: where('mailbox'),
    source: where('source'),
    digest: where('digest'),
    received: where('received'),
    is: where('is'),
    thread: where('thread'),
  };
}

export const noFacts: FactResolver = resolver(() => () => SequenceSet.of());
