import { FIELD_NAME_MAX, type OWN_FIELDS } from '#message';
import type { ColumnField } from '../ast.ts';
import { queryFault } from './query-fault.ts';
import type { QueryField } from './query-field.ts';

type OwnField = Exclude<ColumnField, 'any'> | { readonly remedy: string };

/** Fields that are searched as what they say: how they are asked for, or what to write instead. */
const OWN: Readonly<Record<(typeof OWN_FIELDS)[number], OwnField>> = {
  subject: 'subject',
  from: 'from',
  to: 'to',
  cc: 'cc',
  bcc: 'bcc',
  date: { remedy: 'Write date:2024-01 or another date.' },
  'message-id': { remedy: 'Write message-id: and the whole id.' },
  'in-reply-to': { remedy: 'Write reference: and the whole id.' },
  references: { remedy: 'Write reference: and the whole id.' },
  'mime-version': { remedy: 'It says nothing that differs.' },
  'content-transfer-encoding': { remedy: 'Words are found whatever the encoding.' },
};

const own = new Map<string, OwnField>(Object.entries(OWN));

/**
 * The field of the query language that `header:NAME` stands for.
 * @param at where the name stands in the query
 * @throws SearchFault `query-invalid`
 */
export function headerField(name: string, at: number): QueryField {
  const lower = name.toLowerCase();
  const meant = own.get(lower) ?? (`header:${lower.slice(0, FIELD_NAME_MAX)}` as const);
  if (typeof meant === 'string') return meant;
  throw queryFault(at, `${lower} is not searched as a field of the header`, meant.remedy);
}
