import {
  type Ast,
  columnsOf,
  type FactNode,
  isAnything,
  isNamed,
  nameOf,
  type PhraseNode,
  type TextField,
} from './ast.ts';
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
      return textsOf(fieldOf(ast), document).some((text) => isNear(ast, text, patience));
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
  for (const text of textsOf(phrase.field, document)) {
    for (const _ of placesOf(phrase, text)) count++;
  }
  return count;
}

function phraseIn(phrase: PhraseNode, document: SearchDocument, patience: Patience): boolean {
  const texts = textsOf(phrase.field, document);
  if (isAnything(phrase)) return texts.length > 0;
  return texts.some((text) => {
    for (const _ of placesOf(phrase, text, patience)) return true;
    return false;
  });
}

/** The texts that a field stands for, each by itself. */
function textsOf(field: TextField, { columns, named }: SearchDocument): readonly string[] {
  if (!isNamed(field)) return columnsOf(field).map((column) => columns[column]);
  const wanted = nameOf(field);
  return named.filter(([name]) => name === wanted).map(([, tokens]) => tokens);
}

function within(value: number | null, from: number | null, before: number | null): boolean {
  return value !== null && (from === null || value >= from) && (before === null || value < before);
}
