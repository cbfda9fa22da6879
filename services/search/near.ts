import { type Ast, type NearNode, type NearOperand, type PhraseNode, phrasesOf, type TextField } from './ast.ts';

/** What a message with this operand has all the same, wherever the words stand. */
export function withoutNearness(operand: NearOperand): Ast {
  if (operand.kind === 'phrase') return operand;
  if (operand.kind === 'or') return { kind: 'or', children: operand.children.map(withoutNearness) };
  const left = withoutNearness(operand.left);
  return operand.nearness === 'apart' ? left : { kind: 'and', children: [left, withoutNearness(operand.right)] };
}

/** Two phrases, one of each side. */
export type NearPair = readonly [left: PhraseNode, right: PhraseNode];

/**
 * Of a proximity whose sides must be near, all pairs of phrases that may be; one at least is, in every message that has it.
 * Undefined where that says nothing, or there are more than `max`.
 */
export function nearPairs({ nearness, left, right }: NearNode, max: number): readonly NearPair[] | undefined {
  const [lefts, rights] = [phrasesOf(left), phrasesOf(right)];
  if (nearness === 'apart' || lefts.length * rights.length > max) return undefined;
  return lefts.flatMap((one) => rights.map((other): NearPair => [one, other]));
}

/** The field that all phrases of an operand are in. */
export function fieldOf(operand: NearOperand): TextField {
  if (operand.kind === 'phrase') return operand.field;
  const [first] = operand.kind === 'near' ? [operand.left] : operand.children;
  return first === undefined ? 'any' : fieldOf(first);
}
