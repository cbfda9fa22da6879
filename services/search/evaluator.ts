import { type Ast, columnsOf, type FactNode, type PhraseNode } from './ast.ts';
import { fieldOf } from './near.ts';
import { hasMark } from './document-marks.ts';
import { factHolds, type MessageFacts } from './message-facts.ts';
import { endless, type Patience } from './patience.ts';
import { placesOf } from './phrase-places.ts';
import { isNear } from './proximity.ts';
import type { SearchDocument } from './search-document.ts';

/** Whether the query is true of one message: the meaning of the query language, which every engine must agree with. */
export function evaluate(ast: Ast, document: SearchDocument, facts: MessageFacts): boolean {
  return judge(ast, document, (fact) => factHolds(fact, facts), endless);
}

/** The same with facts that are looked up one by one. */
export function judge(
  ast: Ast,
  document: SearchDocument,
  holds: (fact: FactNode) => boolean,
  patience: Patience,
): boolean {
  switch (ast.kind) {
    case 'all':
      return true;
    case 'and':
      return ast.children.every((child) => judge(child, document, holds, patience));
    case 'or':
      return ast.children.some((child) => judge(child, document, holds, patience));
    case 'not':
      return !judge(ast.child, document, holds, patience);
    case 'phrase':
      return phraseIn(ast, document, patience);
    case 'near':
      return columnsOf(fieldOf(ast)).some((column) => isNear(ast, document.columns[column], patience));
    case 'range':
      return within(document.display[ast.field], ast.from, ast.before);
    case 'fact':
      return holds(ast);
    case 'mark':
      return hasMark(document, `${ast.field}:${ast.value}`);
  }
}

/** How often the phrase stands in the message. */
export function occurrences(phrase: PhraseNode, document: SearchDocument): number {
  let count = 0;
  for (const column of columnsOf(phrase.field)) {
    for (const _ of placesOf(phrase, document.columns[column])) count++;
  }
  return count;
}

function phraseIn(phrase: PhraseNode, document: SearchDocument, patience: Patience): boolean {
  return columnsOf(phrase.field).some((column) => {
    for (const _ of placesOf(phrase, document.columns[column], patience)) return true;
    return false;
  });
}

function within(value: number | null, from: number | null, before: number | null): boolean {
  return value !== null && (from === null || value >= from) && (before === null || value < before);
}
