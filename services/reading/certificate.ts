import type { DispositionRecord } from '#catalog';

/** What remains to be shown of a message that was disposed of, or is being: its time as ISO 8601. */
export interface Certificate extends Omit<DispositionRecord, 'orderedAt'> {
  readonly orderedAt: string;
}

export function certificateOf(disposition: DispositionRecord | undefined): Certificate | null {
  return disposition === undefined
    ? null
    : { ...disposition, orderedAt: new Date(disposition.orderedAt).toISOString() };
}
