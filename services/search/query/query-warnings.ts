import { DASHES, lex } from './lexer.ts';
import type { Token } from './token.ts';

const OPERATORS = new Set(['and', 'or', 'not']);
/** Operators of other query languages, which are words here. */
const BORROWED: Readonly<Record<string, string>> = {
  NEAR: 'w/5',
  ONEAR: 'pre/5',
  ADJ: 'pre/1',
  WITHIN: 'w/5',
  XOR: 'OR and NOT',
  BUT: 'AND',
};

/**
 * What of a query may mean something else than was intended: operators that are not in upper case, or of other languages, are words;
 * a question mark at the end of a sentence is a wildcard; a word beside a proximity belongs to none.
 * @throws SearchFault `query-invalid` as `parseQuery`
 */
export function queryWarnings(query: string): string[] {
  const warnings = new Set<string>();
  const tokens = lex(query);
  for (const [place, token] of tokens.entries()) {
    if (token.kind === 'word' && tokens[place - 1]?.kind !== 'field') addWordWarnings(token.text, warnings);
    if (token.kind === 'word' || token.kind === 'phrase') addSignWarnings(token, warnings);
    if (token.kind === 'near') addNeighbourWarnings(tokens, place, warnings);
  }
  return [...warnings];
}

/** More than one dash before a word, as in long options. */
const DASHED = new RegExp(`^[${DASHES}]{2,}(?=[\\p{L}\\p{N}])(.+)`, 'u');

function addWordWarnings(word: string, warnings: Set<string>): void {
  const [, unwanted] = DASHED.exec(word) ?? [];
  if (unwanted !== undefined) {
    warnings.add(`"${word}" is searched for as ${unwanted}; write -${unwanted} for messages without it.`);
  }
  const meant = OPERATORS.has(word.toLowerCase()) ? word.toUpperCase() : BORROWED[word];
  if (meant === undefined) return;
  warnings.add(
    `"${word}" is searched for as a word; write ${meant} if it is meant as the operator, or put it in quotes.`,
  );
}

function addSignWarnings({ kind, text }: Extract<Token, { kind: 'word' | 'phrase' }>, warnings: Set<string>): void {
  for (const piece of text.split(/\s+/u)) {
    if (piece.includes('://')) continue;
    const asked = /^[^?]+\?(?=[^\p{L}\p{N}]*$)/u.exec(piece)?.[0];
    if (asked !== undefined) {
      warnings.add(
        `"${asked}" stands for a word with exactly one more character; remove the ? if it only ends a sentence.`,
      );
    }
    if (kind === 'phrase' && /~\d?$/u.test(piece))
      warnings.add(`In quotes the ~ of "${piece}" says nothing; write the word by itself.`);
  }
}

/** In other query languages words beside each other are a phrase. */
function addNeighbourWarnings(tokens: readonly Token[], place: number, warnings: Set<string>): void {
  for (const step of [-1, 1]) {
    const [side, beyond] = [tokens[place + step], tokens[place + 2 * step]];
    if (side?.kind !== 'word' || beyond?.kind !== 'word') continue;
    // What a field asks for is no word beside it.
    if (step < 0 && tokens[place - 3]?.kind === 'field') continue;
    const words = step < 0 ? `${beyond.text} ${side.text}` : `${side.text} ${beyond.text}`;
    warnings.add(
      `Of "${words}" only "${side.text}" is a side of the proximity, and the other word may be anywhere; put both in quotes if they are a phrase.`,
    );
  }
}
