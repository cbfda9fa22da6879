import { emptyMessage, type MailAddress, type ParsedMessage } from '#message';
import type { FactResolver, IndexDocument, SearchDocument } from '#search';
import { encodeDocument, searchDocument, SequenceSet } from '#search';
import { asSequence, digestOf } from '#kernel';

/** A parsed message with only what a test is about. */
export function parsed(parts: Partial<ParsedMessage> = {}): ParsedMessage {
  return { ...emptyMessage, ...parts };
}

export function address(text: string): MailAddress {
  const [, name = '', mailbox = ''] = /^(?:(.*) )?<?([^<> ]*)>?$/u.exec(text) ?? [];
  return { name, address: mailbox };
}

export function documentOf(parts: Partial<ParsedMessage> = {}): SearchDocument {
  return searchDocument(parsed(parts), 1000);
}

/** Ready for an index; its digest follows from its sequence. */
export function captured(sequence: number, document: SearchDocument): IndexDocument {
  const digest = digestOf(Buffer.from(`message ${sequence}`));
  return { sequence: asSequence(sequence), digest, encoded: encodeDocument(document) };
}

export const noFacts: FactResolver = { custodian: () => SequenceSet.of(), mailbox: () => SequenceSet.of() };
