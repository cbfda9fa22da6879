import { type Ast, columnsOf, type FactNode, type PhraseNode } from './ast.ts';
import { matchesCustodian, matchesMailbox, type MessageFacts } from './message-facts.ts';
import type { SearchDocument } from './search-document.ts';

/** Whether the query is true of one message: the meaning of the query language, which every engine must agree with. */
export function evaluate(ast: Ast, document: SearchDocument, facts: MessageFacts): boolean {
  return judge(ast, document, (fact) => factHolds(fact, facts));
}

/** The same with facts that are looked up one by one. */
export function judge(ast: Ast, document: SearchDocument, holds: (fact: FactNode) => boolean): boolean {
  switch (ast.kind) {
    case 'all':
      return true;
    case 'and':
      return ast.children.every((child) => judge(child, document, holds));
    case 'or':
      return ast.children.some((child) => judge(child, document, holds));
    case 'not':
      return !judge(ast.child, document, holds);
    case 'phrase':
      return phraseIn(ast, document);
    case 'date':
      return within(document.display.date, ast.from, ast.before);
    case 'fact':
      return holds(ast);
    case 'has':
      return document.display.attachments.length > 0;
  }
}

/** How often the phrase stands in the message. */
export function occurrences({ field, tokens }: PhraseNode, document: SearchDocument): number {
  const phrase = tokens.join(' ');
  let count = 0;
  for (const column of columnsOf(field)) {
    const text = document.columns[column];
    for (let at = positionOf(phrase, text, 0); at >= 0; at = positionOf(phrase, text, at + 1)) count++;
  }
  return count;
}

function phraseIn({ field, tokens }: PhraseNode, document: SearchDocument): boolean {
  const phrase = tokens.join(' ');
  return columnsOf(field).some((column) => positionOf(phrase, document.columns[column], 0) >= 0);
}

/** Where the phrase next stands as whole tokens; -1 if nowhere. */
function positionOf(phrase: string, text: string, from: number): number {
  let at = text.indexOf(phrase, from);
  while (at >= 0 && !isWhole(text, at, at + phrase.length)) at = text.indexOf(phrase, at + 1);
  return at;
}

function isWhole(text: string, start: number, end: number): boolean {
  return (start === 0 || text[start - 1] === ' ') && (end === text.length || text[end] === ' ');
}

/** A message without a date is in no range. */
function within(date: number | null, from: number | null, before: number | null): boolean {
  return date !== null && (from === null || date >= from) && (before === null || date < before);
}

function factHolds({ field, value }: FactNode, facts: MessageFacts): boolean {
  return field === 'custodian'
    ? facts.custodians.some((custodian) => matchesCustodian(value, custodian))
    : facts.mailboxes.some((mailbox) => matchesMailbox(value, mailbox));
}
