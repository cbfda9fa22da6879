import { editDistance } from '../edit-distance.ts';

/** Every field that can stand before a colon. */
export const queryFields = [
  'from',
  'to',
  'cc',
  'bcc',
  'participants',
  'subject',
  'body',
  'filename',
  'attachment',
  'link',
  'header',
  'custodian',
  'mailbox',
  'source',
  'digest',
  'message-id',
  'reference',
  'fingerprint',
  'thread',
  'domain',
  'filetype',
  'has',
  'is',
  'unsearchable',
  'date',
  'received',
  'sent-or-received',
  'size',
] as const;

/** `header` stands in a query with the name of a field of the header: `header:x-mailer`. */
export type QueryField = Exclude<(typeof queryFields)[number], 'header'> | `header:${string}`;

export function queryField(name: string): (typeof queryFields)[number] | undefined {
  const lower = name.toLowerCase();
  return queryFields.find((field) => field === lower);
}

/** The field that a mistyped name most likely meant: at most two letters away, or begun with it. */
export function likelyField(name: string): (typeof queryFields)[number] | undefined {
  const lower = name.toLowerCase().slice(0, 20);
  const ranked = queryFields
    .map((field) => ({ field, distance: field.startsWith(lower) ? 0.5 : editDistance(lower, field) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 2 && best.distance < best.field.length - 1 ? best.field : undefined;
}
