import type { Ast, FactNode, PhraseNode } from '../ast.ts';
import { printDateRange } from './date-range.ts';

/** The query in one canonical way of writing: `parseQuery(printQuery(ast))` is `ast`, for every ast that was parsed. */
export function printQuery(ast: Ast): string {
  switch (ast.kind) {
    case 'or':
      return ast.children.map(printQuery).join(' OR ');
    case 'and':
      return ast.children.map((child) => (child.kind === 'or' ? grouped(child) : printQuery(child))).join(' AND ');
    case 'not':
      return `NOT ${isCompound(ast.child) ? grouped(ast.child) : printQuery(ast.child)}`;
    case 'phrase':
      return printPhrase(ast);
    case 'date':
      return `date:${printDateRange(ast)}`;
    case 'fact':
      return printFact(ast);
    case 'has':
      return `has:${ast.what}`;
    case 'all':
      return '*';
  }
}

function isCompound(ast: Ast): boolean {
  return ast.kind === 'and' || ast.kind === 'or';
}

function printFact({ field, value }: FactNode): string {
  return /^[^\s()"“”„‟«»＂]+$/u.test(value) ? `${field}:${value}` : `${field}:"${value}"`;
}

function grouped(ast: Ast): string {
  return `(${printQuery(ast)})`;
}

function printPhrase({ field, terms }: PhraseNode): string {
  const prefix = field === 'any' ? '' : `${field}:`;
  const [first] = terms;
  return terms.length === 1 && first !== undefined ? `${prefix}${first}` : `${prefix}"${terms.join(' ')}"`;
}
