import type { RangeNode } from '../ast.ts';
import { queryFault } from './query-fault.ts';
import { parseRange, type Range, type Span, type ValueKind } from './range.ts';

const SIZE = /^(\d{1,16}(?:\.\d{1,6})?)([a-z]*)$/iu;

/** IEC 80000-13: `kB` is 1,000 bytes, `KiB` 1,024. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

const sizes: ValueKind = { name: 'size', example: 'size:100kb..1mb', span };

/** Of a whole message in bytes. */
export function parseSizeRange(text: string, at: number): RangeNode {
  const range = parseRange(text, at, sizes);
  if (SIZE.exec(text)?.[2]) {
    throw queryFault(at, 'hardly a message has exactly this size', `Write size:>${text}, size:<${text} or a range.`);
  }
  if (range.before !== null && range.before <= (range.from ?? 0)) {
    throw queryFault(at, 'no message is that small', 'Write a larger size.');
  }
  return { kind: 'range', field: 'size', ...range };
}

/** What `parseSizeRange` reads back as the same node. */
export function printSizeRange({ from, before }: Range): string {
  return `${from ?? ''}..${before === null ? '' : before - 1}`;
}

function span(text: string, at: number): Span {
  const [, number = '', unit = ''] = SIZE.exec(text) ?? [];
  const bytes = wholeBytes(Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (number !== '' && Number.isSafeInteger(bytes + 1)) return { from: bytes, before: bytes + 1 };
  throw queryFault(
    at,
    'expected a size',
    'Write bytes, kb, mb or gb, as in size:>10mb, or a range like size:100kb..1mb.',
  );
}

/** What is no number of bytes is none: only what arithmetic with fractions adds is taken off. */
function wholeBytes(bytes: number): number {
  const rounded = Math.round(bytes);
  return Math.abs(bytes - rounded) < 1e-6 ? rounded : Number.NaN;
}
