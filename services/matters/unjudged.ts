import type { Ast } from '#search';
import type { ParseFlag } from '#message';

/** A message with one of these flags may say something that nobody read. */
const unread: readonly ParseFlag[] = [
  'parse-failed',
  'parse-timeout',
  'header-truncated',
  'parts-truncated',
  'text-truncated',
  'message-truncated',
  'encrypted',
];

export function isUnjudged(flags: readonly string[]): boolean {
  return unread.some((flag) => flags.includes(flag));
}

/**
 * The widest reading of a query for a message whose content could not be read: every condition on content counts as met,
 * in either sense; custodian and mailbox are known and count as they are. What cannot be judged is held.
 */
export function widest(ast: Ast, negated = false): Ast {
  if (ast.kind === 'fact' || ast.kind === 'all') return ast;
  if (ast.kind === 'not') return { kind: 'not', child: widest(ast.child, !negated) };
  if (ast.kind === 'and' || ast.kind === 'or') {
    return { kind: ast.kind, children: ast.children.map((child) => widest(child, negated)) };
  }
  return negated ? { kind: 'not', child: { kind: 'all' } } : { kind: 'all' };
}
