import type { Ast, FactNode, FactState, MarkNode, NamedField, PhraseNode, RangeNode, TextField } from '../ast.ts';
import { FINGERPRINT_DIGITS, isFingerprint } from '../fingerprint.ts';
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

/** Marks that a person can ask for. */
type AskedMark = MarkField & QueryField;

type Leaf = (token: ValueToken) => Ast;

const text = (field: TextField): Leaf => {
  return (token) => textLeaf(field, token);
};
const named = (field: 'custodian' | 'mailbox' | 'source'): Leaf => {
  return (token) => namedFact(field, token);
};
const mark = (field: AskedMark): Leaf => {
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
  digest: (token) => digestFact('digest', token),
  'message-id': mark('message-id'),
  reference: mark('reference'),
  fingerprint,
  thread: (token) => digestFact('thread', token),
  domain: mark('domain'),
  filetype: mark('filetype'),
  has: mark('has'),
  is: stateLeaf,
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

/** What a message is by others, or by what was done with it; all else it is by itself. */
const states: readonly FactState[] = ['held', 'duplicate'];

function stateLeaf(token: ValueToken): FactNode | MarkNode {
  const state = states.find((one) => one === token.text.trim().toLowerCase());
  return state === undefined ? markLeaf('is', token) : { kind: 'fact', field: 'is', value: state };
}

function fingerprint(token: ValueToken): MarkNode {
  const value = markValue('fingerprint', token.text);
  if (isFingerprint(value)) return { kind: 'mark', field: 'fingerprint', value };
  const remedy = `Write all ${FINGERPRINT_DIGITS}, as \`muniment search QUERY --facets fingerprint\` lists them.`;
  throw queryFault(valueAt(token), 'expected the hexadecimal digits of a fingerprint', remedy);
}

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

function digestFact(field: 'digest' | 'thread', token: ValueToken): FactNode {
  const value = token.text.trim().toLowerCase();
  if (/^[0-9a-f]{8,64}$/u.test(value)) return { kind: 'fact', field, value };
  const remedy = 'Write 8 to 64 of them, as `muniment search` shows them.';
  throw queryFault(valueAt(token), 'expected hexadecimal digits of a digest', remedy);
}

function markLeaf(field: AskedMark, token: ValueToken): MarkNode {
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
  is: [...markValues.is, ...states],
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
