import { type ParseFlag, unreadFlags } from '#kernel';
import type { MessageRecord } from '#catalog';
import { type Ast, SequenceSet } from '#search';

/** What of a message nobody could read: conditions on it cannot be judged. What cannot be judged is held. */
export interface Unjudged {
  readonly content: boolean;
  readonly date: boolean;
}

/** With one of these, when it was sent is anybody's guess. */
const dateUnread: readonly ParseFlag[] = [
  'date-missing',
  'date-unreadable',
  'date-implausible',
  'date-zone-unknown',
  // Two Date fields, and what else two readers may see differently.
  'ambiguous-structure',
  'header-truncated',
  'parse-failed',
  'parse-timeout',
];

/** Whether its content may say something that nobody read. */
export function isUnjudged(flags: readonly string[]): boolean {
  return unjudgedBy(flags).content;
}

export function unjudgedBy(flags: readonly string[]): Unjudged {
  return {
    content: unreadFlags.some((flag) => flags.includes(flag)),
    date: dateUnread.some((flag) => flags.includes(flag)),
  };
}

/** Those of which something was not read. */
export function unjudgedAmong(flagged: readonly MessageRecord[]): SequenceSet {
  const unjudged = flagged.filter(({ flags }) => {
    const { content, date } = unjudgedBy(flags);
    return content || date;
  });
  return SequenceSet.of(unjudged.map(({ sequence }) => sequence));
}

/**
 * The widest reading of a query for a message of which something could not be read: every condition on that counts as
 * met, in either sense; custodian, mailbox and size are known and count as they are.
 */
export function widest(ast: Ast, unjudged: Unjudged = { content: true, date: true }, negated = false): Ast {
  if (isKnown(ast)) return ast;
  if (ast.kind === 'not') return { kind: 'not', child: widest(ast.child, unjudged, !negated) };
  if (ast.kind === 'and' || ast.kind === 'or') {
    return { kind: ast.kind, children: ast.children.map((child) => widest(child, unjudged, negated)) };
  }
  const isUnknown = ast.kind === 'range' ? unjudged.date : unjudged.content;
  return isUnknown ? met(negated) : ast;
}

/** Whoever cannot read a message still knows where it was found, and how large it is. */
function isKnown(ast: Ast): boolean {
  return ast.kind === 'fact' || ast.kind === 'all' || (ast.kind === 'range' && ast.field === 'size');
}

function met(negated: boolean): Ast {
  return negated ? { kind: 'not', child: { kind: 'all' } } : { kind: 'all' };
}

/**
 * What a hold covers in an index: what matches its query, and what may match it as far as anybody can tell.
 * @param flagged messages that have flags: among them are all those of which something was not read
 */
export async function covered(
  find: (query: Ast) => Promise<SequenceSet>,
  query: Ast,
  flagged: readonly MessageRecord[],
): Promise<SequenceSet> {
  let found = await find(query);
  for (const unjudged of kinds) {
    const alike = flagged.filter(({ flags }) => {
      const { content, date } = unjudgedBy(flags);
      return content === unjudged.content && date === unjudged.date;
    });
    if (alike.length === 0) continue;
    const may = await find(widest(query, unjudged));
    found = found.or(may.and(SequenceSet.of(alike.map(({ sequence }) => sequence))));
  }
  return found;
}

const kinds: readonly Unjudged[] = [
  { content: true, date: false },
  { content: false, date: true },
  { content: true, date: true },
];
