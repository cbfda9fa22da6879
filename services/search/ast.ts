import type { MarkField } from './marks.ts';
import { LINK_NAME } from './named-text.ts';
import { searchColumns, type SearchColumn } from './search-document.ts';
import type { Term } from './term.ts';

/** The columns of a document that each name in a query stands for; a phrase lies within one of them. `any`: behind no name. */
const columns = {
  any: searchColumns,
  subject: ['subject'],
  body: ['body'],
  from: ['from'],
  to: ['to'],
  cc: ['cc'],
  bcc: ['bcc'],
  participants: ['from', 'to', 'cc', 'bcc'],
  filename: ['names'],
  attachment: ['names', 'attachments'],
} as const satisfies Record<string, readonly SearchColumn[]>;

/** Stands for columns. */
export type ColumnField = keyof typeof columns;

/** Stands for the named texts of one name: those of one field of the header, in small letters, or links. */
export type NamedField = `header:${string}` | 'link';

export type TextField = ColumnField | NamedField;

export function isNamed(field: TextField): field is NamedField {
  return field === 'link' || field.startsWith('header:');
}

/** Of the named texts that a field stands for. */
export function nameOf(field: NamedField): string {
  return field === 'link' ? LINK_NAME : field.slice('header:'.length);
}

export function columnsOf(field: ColumnField): readonly SearchColumn[] {
  return columns[field];
}

/** Facts about a message that are not in its bytes; the caller resolves them. */
export type FactField = 'custodian' | 'mailbox' | 'source' | 'digest' | 'received' | 'is' | 'thread';

/** Consecutive tokens within one field, one for each term. A single word is a phrase of one term; there is always at least one. */
export interface PhraseNode {
  readonly kind: 'phrase';
  readonly field: TextField;
  readonly terms: readonly Term[];
}

/** Behind a name: that there is such a text, whatever it says. Everywhere else a term has a letter or a digit. */
export function isAnything({ terms }: PhraseNode): boolean {
  return terms.length === 1 && terms[0] === '*';
}

/**
 * How two operands stand to each other: `within`, at most so many positions apart, either first; `before`, the left one first;
 * `apart`: the left one where no right one is so near.
 */
export type Nearness = 'within' | 'before' | 'apart';

/** Neighbours are 1 apart. A phrase counts from its nearest word. Two operands never share a word, and stand in one column. */
export interface NearNode {
  readonly kind: 'near';
  readonly nearness: Nearness;
  readonly distance: number;
  readonly left: NearOperand;
  readonly right: NearOperand;
}

/** An alternative of at least two. */
export interface NearChoice {
  readonly kind: 'or';
  readonly children: readonly NearOperand[];
}

/** All phrases of a proximity are in one field. */
export type NearOperand = PhraseNode | NearChoice | NearNode;

/** What lies in ranges: the Date field, in milliseconds since 1970; the whole message, in bytes. */
export type RangeField = 'date' | 'size';

/** `from <= value < before`; null is an open end, never both. A message without the value is in no range. */
export interface RangeNode {
  readonly kind: 'range';
  readonly field: RangeField;
  readonly from: number | null;
  readonly before: number | null;
}

/**
 * `held`: a hold is on it. `duplicate`: another message has the same fingerprint. `unfolded`: what folding leaves of an answer; nobody can
 * ask for it.
 */
export type FactState = 'held' | 'duplicate' | 'unfolded';

export interface FactNode {
  readonly kind: 'fact';
  readonly field: FactField;
  /** As written, see `message-facts.ts`; of `received` the range as `printDateRange` writes it, of `is` a `FactState`. */
  readonly value: string;
}

/** What a message has or is, exactly: see `marks.ts`. */
export interface MarkNode {
  readonly kind: 'mark';
  readonly field: MarkField;
  /** As `markValue` gives it. */
  readonly value: string;
}

/** Every message. */
export interface AllNode {
  readonly kind: 'all';
}

export interface NotNode {
  readonly kind: 'not';
  readonly child: Ast;
}

/** At least two children; none of them is of the same kind as its parent. */
export interface AndNode {
  readonly kind: 'and';
  readonly children: readonly Ast[];
}

export interface OrNode {
  readonly kind: 'or';
  readonly children: readonly Ast[];
}

export type LeafNode = PhraseNode | NearNode | RangeNode | FactNode | MarkNode | AllNode;

/** What a query means. Field groups are already distributed over their members: `subject:(a OR b)` has no node of its own. */
export type Ast = LeafNode | NotNode | AndNode | OrNode;

/** Phrases and proximities anywhere in the tree that are not below a NOT: what excerpts show. */
export function positiveOperands(ast: Ast): readonly (PhraseNode | NearNode)[] {
  switch (ast.kind) {
    case 'phrase':
    case 'near':
      return [ast];
    case 'and':
    case 'or':
      return ast.children.flatMap(positiveOperands);
    case 'not':
    case 'range':
    case 'fact':
    case 'mark':
    case 'all':
      return [];
  }
}

/** The phrases of them, each by itself: what relevance is judged by. */
export function positivePhrases(ast: Ast): readonly PhraseNode[] {
  return positiveOperands(ast).flatMap(phrasesOf);
}

/** The facts that are asked for, anywhere in the tree. */
export function factsIn(ast: Ast): readonly FactNode[] {
  if (ast.kind === 'fact') return [ast];
  if (ast.kind === 'not') return factsIn(ast.child);
  return ast.kind === 'and' || ast.kind === 'or' ? ast.children.flatMap(factsIn) : [];
}

/** The phrases at whose places an operand may stand. */
export function phrasesOf(operand: NearOperand): readonly PhraseNode[] {
  if (operand.kind === 'phrase') return [operand];
  if (operand.kind === 'or') return operand.children.flatMap(phrasesOf);
  return operand.nearness === 'apart' ? phrasesOf(operand.left) : [operand.left, operand.right].flatMap(phrasesOf);
}

/** Dates that no match lies outside of, as far as the query's outermost ANDs say; null where they say nothing. */
export function dateBounds(ast: Ast): { readonly from: number | null; readonly before: number | null } {
  if (isDate(ast)) return ast;
  if (ast.kind !== 'and') return { from: null, before: null };
  const dates = ast.children.filter(isDate);
  const from = Math.max(...dates.map((date) => date.from ?? -Infinity));
  const before = Math.min(...dates.map((date) => date.before ?? Infinity));
  return { from: Number.isFinite(from) ? from : null, before: Number.isFinite(before) ? before : null };
}

function isDate(ast: Ast): ast is RangeNode {
  return ast.kind === 'range' && ast.field === 'date';
}
