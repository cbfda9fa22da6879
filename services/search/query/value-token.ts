import type { Token } from './lexer.ts';

/** What can stand behind a field. */
export type ValueToken = Extract<Token, { kind: 'word' | 'phrase' }>;

/** Where its text begins: behind the quotation mark. */
export function valueAt(token: ValueToken): number {
  return token.kind === 'phrase' ? token.at + 1 : token.at;
}
