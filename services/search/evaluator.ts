import type { Ast, FactNode, PhraseNode, TextField } from './ast.ts';
import { matchesCustodian, matchesMailbox, type MessageFacts } from './message-facts.ts';
import { searchColumns, type SearchColumn, type SearchDocument } from './search-document.ts';

/** Which columns a field of the query language looks into. */
export function columnsOf(field: TextField): readonly SearchColumn[] {
  return field === 'any' ? searchColumns : [field];
}

/** Whether the query is true of one message: the meaning of the query language, which every engine must agree with. */
export function evaluate(ast: Ast, document: SearchDocument, facts: MessageFacts): boolean {
  switch (ast.kind) {
    case 'all':
      return true;
    case 'and':
      return ast.children.every((child) => evaluate(child, document, facts));
    case 'or':
      return ast.children.some((child) => evaluate(child, document, facts));
    case 'not':
      return !evaluate(ast.child, document, facts);
    case 'phrase':
      return phraseIn(ast, document);
    case 'date':
      return within(document.display.date, ast.from, ast.before);
    case 'fact':
      return factHolds(ast, facts);
    case 'has':
      return document.display.attachments.length > 0;
  }
}

function phraseIn(phrase: PhraseNode, document: SearchDocument): boolean {
  const wanted = ` ${phrase.tokens.join(' ')} `;
  return columnsOf(phrase.field).some((column) => ` ${document.columns[column]} `.includes(wanted));
}

/** A message without a date is in no range. */
function within(date: number | null, from: number | null, before: number | null): boolean {
  return date !== null && (from === null || date >= from) && (before === null || date < before);
}

function factHolds(fact: FactNode, facts: MessageFacts): boolean {
  switch (fact.field) {
    case 'custodian':
      return facts.custodians.some((custodian) => matchesCustodian(fact.value, custodian));
    case 'mailbox':
      return facts.mailboxes.some((mailbox) => matchesMailbox(fact.value, mailbox));
  }
}
