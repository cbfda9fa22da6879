import { queryFault } from './query-fault.ts';

/** `from <= value < before`; null is an open end, never both. */
export interface Range {
  readonly from: number | null;
  readonly before: number | null;
}

/** What one value stands for: a day is all its moments. */
export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly before: number;
}

/** How values of a kind are written, and what is said of those that are not. */
export interface ValueKind {
  readonly name: string;
  /** A range of two, as one can be written. */
  readonly example: string;
  /** @throws SearchFault `query-invalid` at this position */
  span(text: string, at: number): Span;
}

const COMPARISON = /^(?:>=|<=|>|<)/u;

/** `FROM..TO`, `FROM..`, `..TO`, `>=VALUE`, `>VALUE`, `<=VALUE`, `<VALUE` or one value; TO lies within the range up to its end. */
export function parseRange(text: string, at: number, kind: ValueKind): Range {
  const sign = COMPARISON.exec(text)?.[0];
  if (sign !== undefined) return compared(sign, kind.span(text.slice(sign.length), at + sign.length));
  const dots = text.indexOf('..');
  return dots < 0 ? kind.span(text, at) : fromTo(text, at, dots, kind);
}

function fromTo(text: string, at: number, dots: number, kind: ValueKind): Range {
  const [left, right] = [text.slice(0, dots), text.slice(dots + 2)];
  if (left === '' && right === '') {
    const remedy = `Write ${kind.example}, or leave out one side only.`;
    throw queryFault(at, `expected a ${kind.name} on one side of ..`, remedy);
  }
  const from = left === '' ? null : kind.span(left, at).from;
  const before = right === '' ? null : kind.span(right, at + dots + 2).before;
  if (from !== null && before !== null && from >= before) {
    throw queryFault(at, 'this range ends before it begins', `Exchange the two ${kind.name}s.`);
  }
  return { from, before };
}

function compared(sign: string, { from, before }: Span): Range {
  switch (sign) {
    case '>=':
      return { from, before: null };
    case '>':
      return { from: before, before: null };
    case '<=':
      return { from: null, before };
    default:
      return { from: null, before: from };
  }
}
