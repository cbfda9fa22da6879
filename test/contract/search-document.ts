import { emptyMessage, type MailAddress, type ParsedMessage } from '#message';
import type { FactResolver, IndexDocument, MessageFacts, SearchDocument } from '#search';
import { encodeDocument, matchesCustodian, matchesMailbox, searchDocument, SequenceSet } from '#search';
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
  const where = (holds: (facts: MessageFacts) => boolean): SequenceSet =>
    SequenceSet.of([...known.entries()].filter(([, facts]) => holds(facts)).map(([place]) => place));
  return {
    custodian: (value) => where(({ custodians }) => custodians.some((id) => matchesCustodian(value, id))),
    mailbox: (value) => where(({ mailboxes }) => mailboxes.some((path) => matchesMailbox(value, path))),
  };
}

export const noFacts: FactResolver = { custodian: () => SequenceSet.of(), mailbox: () => SequenceSet.of() };
