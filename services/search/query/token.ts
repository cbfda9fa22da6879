import type { QueryField } from './query-field.ts';

/** `at`: position of the first character. A phrase's text is what stands between its quotes. */
export type Token =
  | { readonly kind: 'and' | 'or' | 'not' | 'minus' | 'open' | 'close' | 'end'; readonly at: number }
  | { readonly kind: 'near'; readonly at: number; readonly nearness: 'within' | 'before'; readonly distance: number }
  | { readonly kind: 'field'; readonly at: number; readonly field: QueryField }
  | { readonly kind: 'word' | 'phrase'; readonly at: number; readonly text: string };

/** What can stand behind a field. */
export type ValueToken = Extract<Token, { kind: 'word' | 'phrase' }>;

/** Where its text begins: behind the quotation mark. */
export function valueAt(token: ValueToken): number {
  return token.kind === 'phrase' ? token.at + 1 : token.at;
}
