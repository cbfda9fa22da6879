import type { Ast, Nearness, NearOperand } from '../ast.ts';
import { fieldOf } from '../near.ts';
import { queryFault } from './query-fault.ts';
import { queryLimits } from './query-limits.ts';

/** What joins them. */
export interface NearJoint {
  readonly at: number;
  readonly nearness: Nearness;
}

/** The two sides of a proximity. @throws SearchFault `query-invalid` for what has no place in a text */
export function nearOperands(
  left: Ast,
  right: Ast,
  { at, nearness }: NearJoint,
): { readonly left: NearOperand; readonly right: NearOperand } {
  if (!isOperand(left) || !isOperand(right)) {
    const remedy =
      'Write a word, a phrase, words with OR in parentheses, or another proximity in parentheses on both sides.';
    throw queryFault(at, 'what stands beside it has no place in the text', remedy);
  }
  if (nearness !== 'within' && [left, right].some(hasNear)) {
    const remedy = 'Write it with AND: (a pre/3 b) AND (b pre/5 c); a proximity can stand beside w/ only.';
    throw queryFault(at, 'a proximity beside pre/ or NOT w/', remedy);
  }
  if (Math.max(depthOf(left), depthOf(right)) >= queryLimits.proximitiesMax) {
    throw queryFault(
      at,
      `more than ${queryLimits.proximitiesMax} proximities within each other`,
      'Write AND between some.',
    );
  }
  if (new Set([...fieldsOf(left), ...fieldsOf(right)]).size > 1) {
    const remedy = `Name the field once, before parentheses: ${exampleField(left, right)}:(a w/5 b).`;
    throw queryFault(at, 'its two sides are not in the same field', remedy);
  }
  return { left, right };
}

export function apartIsEitherOrder({ at, distance }: { readonly at: number; readonly distance: number }): Error {
  return queryFault(at, 'NOT pre/ is not supported', `Write NOT w/${distance}.`);
}

function isOperand(ast: Ast): ast is NearOperand {
  if (ast.kind === 'or') return ast.children.every(isOperand);
  return ast.kind === 'phrase' || ast.kind === 'near';
}

function hasNear(operand: NearOperand): boolean {
  return depthOf(operand) > 0;
}

function depthOf(operand: NearOperand): number {
  if (operand.kind === 'phrase') return 0;
  if (operand.kind === 'or') return Math.max(...operand.children.map(depthOf));
  return 1 + Math.max(depthOf(operand.left), depthOf(operand.right));
}

function fieldsOf(operand: NearOperand): readonly string[] {
  // A proximity has been through this already.
  return operand.kind === 'or' ? operand.children.flatMap(fieldsOf) : [fieldOf(operand)];
}

function exampleField(left: NearOperand, right: NearOperand): string {
  return [...fieldsOf(left), ...fieldsOf(right)].find((field) => field !== 'any') ?? 'subject';
}
