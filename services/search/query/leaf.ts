import type { FactField, FactNode, HasNode, LeafNode, NearNode, PhraseNode, TextField } from '../ast.ts';
import { borrowedSign } from './borrowed-sign.ts';
import { parseDateRange } from './date-range.ts';
import { queryFault } from './query-fault.ts';
import type { QueryField } from './query-field.ts';
import { parseSizeRange } from './size-range.ts';
import { termsOf } from './terms.ts';
import { valueAt, type ValueToken } from './token.ts';

/** What one word or phrase means behind a field, or behind none. */
export function leafOf(field: QueryField | undefined, token: ValueToken): Exclude<LeafNode, NearNode> {
  if (field === undefined) return isAsterisk(token) ? { kind: 'all' } : textLeaf('any', token);
  if (field === 'has') return hasLeaf(token);
  if (field === 'date') return parseDateRange(token.text.trim(), valueAt(token));
  if (field === 'size') return parseSizeRange(token.text.trim(), valueAt(token));
  return field === 'custodian' || field === 'mailbox' ? factLeaf(field, token) : textLeaf(field, token);
}

function isAsterisk(token: ValueToken): boolean {
  return token.kind === 'word' && token.text === '*';
}

function textLeaf(field: TextField, token: ValueToken): PhraseNode {
  const borrowed = token.kind === 'word' ? borrowedSign(token.text) : undefined;
  if (borrowed !== undefined) throw queryFault(token.at + borrowed.at, borrowed.problem, borrowed.remedy);
  return { kind: 'phrase', field, terms: termsOf(token) };
}

function factLeaf(field: FactField, token: ValueToken): FactNode {
  const value = token.text.trim();
  if (value === '') throw queryFault(token.at, `expected a name behind ${field}:`, `Write ${field}:name.`);
  const at = token.text.search(field === 'custodian' ? /[*](?!\s*$)|[?]/u : /[*?]/u);
  if (at >= 0) throw queryFault(valueAt(token) + at, 'wildcards are not supported here', 'Remove this character.');
  return { kind: 'fact', field, value };
}

function hasLeaf(token: ValueToken): HasNode {
  const what = token.text.trim().toLowerCase();
  if (what === 'attachment' || what === 'attachments') return { kind: 'has', what: 'attachment' };
  throw queryFault(valueAt(token), 'has: knows only attachment', 'Write has:attachment.');
}
