import { lex } from './lexer.ts';

const OPERATORS = new Set(['and', 'or', 'not']);

/**
 * What of a query may mean something else than was intended: operators that are not in upper case are words.
 * @throws SearchFault `query-invalid` as `parseQuery`
 */
export function queryWarnings(query: string): string[] {
  const words = new Set<string>();
  let before = '';
  for (const token of lex(query)) {
    if (token.kind === 'word' && before !== 'field' && OPERATORS.has(token.text.toLowerCase())) words.add(token.text);
    before = token.kind;
  }
  return [...words].map((word) => {
    const operator = word.toUpperCase();
    return `"${word}" is searched for as a word; write ${operator} if it is meant as the operator, or put it in quotes.`;
  });
}
