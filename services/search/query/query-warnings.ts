import { lex } from './lexer.ts';
import type { Token } from './token.ts';

const OPERATORS = new Set(['and', 'or', 'not']);
/** A word with a question mark at its end and none before. */
const QUESTION = /[^\s?]+\?(?!\S)/gu;

/**
 * What of a query may mean something else than was intended: operators that are not in upper case are words, and a question
 * mark at the end of a sentence is a wildcard.
 * @throws SearchFault `query-invalid` as `parseQuery`
 */
export function queryWarnings(query: string): string[] {
  const words = new Set<string>();
  const questions = new Set<string>();
  let before = '';
  for (const token of lex(query)) {
    if (token.kind === 'word' && before !== 'field' && OPERATORS.has(token.text.toLowerCase())) words.add(token.text);
    for (const asked of questionsIn(token)) questions.add(asked);
    before = token.kind;
  }
  return [...[...words].map(warningOfOperator), ...[...questions].map(warningOfQuestion)];
}

function questionsIn(token: Token): readonly string[] {
  if (token.kind !== 'word' && token.kind !== 'phrase') return [];
  return (token.text.match(QUESTION) ?? []).filter((asked) => !asked.includes('://'));
}

function warningOfOperator(word: string): string {
  const operator = word.toUpperCase();
  return `"${word}" is searched for as a word; write ${operator} if it is meant as the operator, or put it in quotes.`;
}

function warningOfQuestion(asked: string): string {
  return `"${asked}" stands for a word with exactly one more character; remove the ? if it only ends a sentence.`;
}
