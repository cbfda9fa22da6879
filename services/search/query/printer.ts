import type { Ast, FactNode, MarkNode, Nearness, NearOperand, PhraseNode, RangeNode } from '../ast.ts';
import { printDateRange } from './date-range.ts';
import { printSizeRange } from './size-range.ts';

/** The query in one canonical way of writing: `parseQuery(printQuery(ast))` is `ast`, for every ast that was parsed. */
export function printQuery(ast: Ast): string {
  switch (ast.kind) {
    case 'or':
      return ast.children.map(printQuery).join(' OR ');
    case 'and':
      return ast.children.map((child) => within(child, ['or'])).join(' AND ');
    case 'not':
      return `NOT ${within(ast.child, ['or', 'and'])}`;
    case 'phrase':
      return printPhrase(ast);
    case 'near':
      return `${operand(ast.left)} ${OPERATORS[ast.nearness]}/${ast.distance} ${operand(ast.right)}`;
    case 'range':
      return printRange(ast);
    case 'fact':
      return printValue(ast);
    case 'mark':
      return printValue(ast);
    case 'all':
      return '*';
  }
}

const OPERATORS: Readonly<Record<Nearness, string>> = { within: 'w', before: 'pre', apart: 'NOT w' };

function operand(ast: NearOperand): string {
  return within(ast, ['or', 'near']);
}

/** In parentheses where it binds less than what it stands in. */
function within(ast: Ast, looser: readonly Ast['kind'][]): string {
  return looser.includes(ast.kind) ? grouped(ast) : printQuery(ast);
}

function printRange(ast: RangeNode): string {
  return `${ast.field}:${ast.field === 'date' ? printDateRange(ast) : printSizeRange(ast)}`;
}

function printValue({ field, value }: FactNode | MarkNode): string {
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
