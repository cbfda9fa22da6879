import { analyze } from '../analyzer.ts';
import type { FactField, LeafNode, TextField } from '../ast.ts';
import { borrowedSign } from './borrowed-sign.ts';
import { parseDateRange } from './date-range.ts';
import { queryFault } from './query-fault.ts';
import type { QueryField } from './query-field.ts';
import type { Token } from './lexer.ts';

export type ValueToken = Extract<Token, { kind: 'word' | 'phrase' }>;

/** What one word or phrase means behind a field, or behind none. */
export function leafOf(field: QueryField | undefined, token: ValueToken): LeafNode {
  if (field === undefined) return isAsterisk(token) ? { kind: 'all' } : textLeaf('any', token);
  if (field === 'has') return hasLeaf(token);
  if (field === 'date') return parseDateRange(token.text.trim(), valueAt(token));
  return field === 'custodian' || field === 'mailbox' ? factLeaf(field, token) : textLeaf(field, token);
}

function isAsterisk(token: ValueToken): boolean {
  return token.kind === 'word' && token.text === '*';
}

function textLeaf(field: TextField, token: ValueToken): LeafNode {
  const borrowed = token.kind === 'word' ? borrowedSign(token.text) : undefined;
  if (borrowed !== undefined) throw queryFault(token.at + borrowed.at, borrowed.problem, borrowed.remedy);
  const tokens = analyze(token.text);
  if (tokens === '') {
    const problem = `there is no letter and no digit in this ${token.kind}, so nothing can be searched for`;
    throw queryFault(token.at, problem, 'Write a word, or * alone for every message.');
  }
  refuseReserved(token);
  return { kind: 'phrase', field, tokens: tokens.split(' ') };
}

/** What other query languages give a meaning to is refused rather than read as something else. */
function refuseReserved(token: ValueToken): void {
  if (token.kind === 'phrase') return refuseWildcard({ ...token, text: withoutQueryParts(token.text) }, /[*?]/u);
  refuseWildcard(token, /[*?]/u);
  if (/^(?:w|pre)\/\d+$/iu.test(token.text)) {
    throw queryFault(token.at, 'proximity is not supported', 'Write AND, or the words in quotes as a phrase.');
  }
  const fuzzy = token.text.search(/~\d*$/u);
  if (fuzzy >= 0) {
    throw queryFault(token.at + fuzzy, 'fuzzy words are not supported', 'Write each spelling, with OR between them.');
  }
}

/** In an address of the web between quotes, what else would be a wildcard divides words: it is replaced by a space. */
function withoutQueryParts(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/\S+/gu, (piece) => (piece.includes('://') ? piece.replace(URL_SIGN, ' ') : piece));
}

const URL_SIGN = /(?:(?<=[\p{L}\p{N}])[?*]|(?<=\/)\?)(?=[\p{L}\p{N}])/gu;

function refuseWildcard(token: ValueToken, wildcard: RegExp): void {
  const at = token.text.search(wildcard);
  if (at < 0) return;
  const remedy = 'Write each form of the word, with OR between them, or remove this character.';
  throw queryFault(valueAt(token) + at, 'wildcards are not supported here', remedy);
}

function factLeaf(field: FactField, token: ValueToken): LeafNode {
  const value = token.text.trim();
  if (value === '') throw queryFault(token.at, `expected a name behind ${field}:`, `Write ${field}:name.`);
  refuseWildcard(token, field === 'custodian' ? /[*](?!\s*$)|[?]/u : /[*?]/u);
  return { kind: 'fact', field, value };
}

function hasLeaf(token: ValueToken): LeafNode {
  const what = token.text.trim().toLowerCase();
  if (what === 'attachment' || what === 'attachments') return { kind: 'has', what: 'attachment' };
  throw queryFault(valueAt(token), 'has: knows only attachment', 'Write has:attachment.');
}

function valueAt(token: ValueToken): number {
  return token.kind === 'phrase' ? token.at + 1 : token.at;
}
