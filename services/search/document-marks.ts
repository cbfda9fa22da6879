import { type ParseFlag, unreadFlags } from '#kernel';
import { type MarkField, markParts, UNREAD_ATTACHMENT } from './marks.ts';
import type { SearchDisplay, SearchDocument } from './search-document.ts';

/** Something beyond a budget was left out. */
const TRUNCATING: readonly ParseFlag[] = [
  'header-truncated',
  'parts-truncated',
  'depth-truncated',
  'text-truncated',
  'message-truncated',
];

/** All marks of a document: what it keeps, and what follows from what it shows. */
export function marksOf({ marks, display }: Pick<SearchDocument, 'marks' | 'display'>): string[] {
  return [...marks, ...derivedMarks(marks, display)];
}

export type SequencedDocument = readonly [sequence: number, document: SearchDocument];

/** How many of these documents have each value of a mark. */
export function markCountsOf(documents: Iterable<SequencedDocument>, field: MarkField): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, document] of documents) {
    for (const [of, value] of marksOf(document).map(markParts)) {
      if (of === field) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return counts;
}

export function hasMark({ marks, display }: SearchDocument, mark: string): boolean {
  return isDerived(mark) ? derivedMarks(marks, display).includes(mark) : marks.includes(mark);
}

function derivedMarks(marks: readonly string[], { flags, attachments }: SearchDisplay): string[] {
  const reasons = flags.filter((flag) => unreadFlags.includes(flag)).map((flag) => `unsearchable:${flag}`);
  const isUnsearchable = reasons.length > 0 || marks.includes(UNREAD_ATTACHMENT);
  const derived: [string, boolean][] = [
    ['has:attachment', attachments.length > 0],
    ['has:encryption', flags.includes('encrypted')],
    ['has:no-message-id', flags.includes('no-message-id')],
    ['is:truncated', flags.some((flag) => TRUNCATING.includes(flag))],
    ['is:unsearchable', isUnsearchable],
  ];
  return [...derived.filter(([, holds]) => holds).map(([mark]) => mark), ...reasons];
}

const DERIVED = new Set(['has:attachment', 'has:encryption', 'has:no-message-id', 'is:truncated', 'is:unsearchable']);

/** Whether a mark is one of those that follow from what a document shows. */
export function isDerived(mark: string): boolean {
  return DERIVED.has(mark) || (mark.startsWith('unsearchable:') && mark !== UNREAD_ATTACHMENT);
}
