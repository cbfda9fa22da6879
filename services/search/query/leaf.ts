import type { Ast, FactNode, MarkNode, NamedField, PhraseNode, RangeNode, TextField } from '../ast.ts';
import { type MarkField, markValue, markValues } from '../marks.ts';
import { borrowedSign } from './borrowed-sign.ts';
import { parseDateRange, printDateRange } from './date-range.ts';
import { queryFault } from './query-fault.ts';
import type { QueryField } from './query-field.ts';
import { parseSizeRange } from './size-range.ts';
import { termsOf } from './terms.ts';
import { valueAt, type ValueToken } from './token.ts';

/** What one word or phrase means behind a field, or behind none. */
export function leafOf(field: QueryField | undefined, token: ValueToken): Ast {
  if (field === undefined) return isAsterisk(token) ? { kind: 'all' } : textLeaf('any', token);
  return isNamedField(field) ? namedLeaf(field, token) : leaves[field](token);
}

type Leaf = (token: ValueToken) => Ast;

const text = (field: TextField): Leaf => {
  return (token) => textLeaf(field, token);
};
const named = (field: 'custodian' | 'mailbox' | 'source'): Leaf => {
  return (token) => namedFact(field, token);
};
const mark = (field: MarkField): Leaf => {
  return (token) => markLeaf(field, token);
};

const leaves: Readonly<Record<Exclude<QueryField, NamedField>, Leaf>> = {
  from: text('from'),
  to: text('to'),
  cc: text('cc'),
  bcc: text('bcc'),
  participants: text('participants'),
  subject: text('subject'),
  body: text('body'),
  filename: text('filename'),
  attachment: text('attachment'),
  custodian: named('custodian'),
  mailbox: named('mailbox'),
  source: named('source'),
  digest: digestFact,
  'message-id': mark('message-id'),
  domain: mark('domain'),
  filetype: mark('filetype'),
  has: mark('has'),
  is: (token) => (token.text.trim().toLowerCase() === 'held' ? heldFact : markLeaf('is', token)),
  unsearchable: mark('unsearchable'),
  date: sent,
  received,
  'sent-or-received': (token) => ({ kind: 'or', children: [sent(token), received(token)] }),
  size: (token) => parseSizeRange(token.text.trim(), valueAt(token)),
};

function isNamedField(field: QueryField): field is NamedField {
  return field === 'link' || field.startsWith('header:');
}

/** `*` alone: that there is one. */
function namedLeaf(field: NamedField, token: ValueToken): PhraseNode {
  return isAsterisk(token) ? { kind: 'phrase', field, terms: ['*'] } : textLeaf(field, token);
}

const heldFact: FactNode = { kind: 'fact', field: 'is', value: 'held' };

function isAsterisk(token: ValueToken): boolean {
  return token.kind === 'word' && token.text === '*';
}

function textLeaf(field: TextField, token: ValueToken): PhraseNode {
  const borrowed = token.kind === 'word' ? borrowedSign(token.text) : undefined;
  if (borrowed !== undefined) throw queryFault(token.at + borrowed.at, borrowed.problem, borrowed.remedy);
  return { kind: 'phrase', field, terms: termsOf(token) };
}

function sent(token: ValueToken): RangeNode {
  return parseDateRange(token.text.trim(), valueAt(token));
}

function received(token: ValueToken): FactNode {
  return { kind: 'fact', field: 'received', value: printDateRange(sent(token)) };
}

function namedFact(field: 'custodian' | 'mailbox' | 'source', token: ValueToken): FactNode {
  const value = nameIn(field, token);
  refuseWildcard(token, field === 'mailbox' ? /[*?]/u : /[*](?!\s*$)|[?]/u);
  return { kind: 'fact', field, value };
}

function digestFact(token: ValueToken): FactNode {
  const value = token.text.trim().toLowerCase();
  if (/^[0-9a-f]{8,64}$/u.test(value)) return { kind: 'fact', field: 'digest', value };
  const remedy = 'Write 8 to 64 of them, as `muniment search` shows them.';
  throw queryFault(valueAt(token), 'expected hexadecimal digits of a digest', remedy);
}

function markLeaf(field: MarkField, token: ValueToken): MarkNode {
  const value = markValue(field, nameIn(field, token));
  const known = knownValues[field];
  if (known !== undefined && !known.includes(value)) {
    throw queryFault(valueAt(token), `${field}: does not know this`, `Write one of ${known.join(', ')}.`);
  }
  if (value === '') throw queryFault(valueAt(token), `expected a name behind ${field}:`, `Write ${field}:name.`);
  if (field === 'filetype' && value === 'application') {
    const remedy = 'Write an ending like filetype:pdf, or all of it like filetype:application/pdf.';
    throw queryFault(valueAt(token), 'this is the file of any program', remedy);
  }
  if (known === undefined) refuseWildcard(token, /(?!^\*\.)[*?]/u);
  return { kind: 'mark', field, value };
}

const knownValues: Partial<Record<MarkField, readonly string[]>> = {
  has: markValues.has,
  is: [...markValues.is, 'held'],
  unsearchable: markValues.unsearchable,
};

function nameIn(field: QueryField, token: ValueToken): string {
  const value = token.text.trim();
  if (value === '') throw queryFault(token.at, `expected a name behind ${field}:`, `Write ${field}:name.`);
  return value;
}

function refuseWildcard(token: ValueToken, wildcard: RegExp): void {
  const at = token.text.search(wildcard);
  if (at >= 0) throw queryFault(valueAt(token) + at, 'wildcards are not supported here', 'Remove this character.');
}
