import { readableText } from './field-text.ts';
import type { Field, HeaderBlock } from './header-block.ts';
import type { Reading } from './reading.ts';

/** Fields that a message says something by, and that are searched as what they say: `from:`, `date:`, `message-id:`. */
export const OWN_FIELDS = [
  'subject',
  'from',
  'to',
  'cc',
  'bcc',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-transfer-encoding',
] as const;

/** Of a name, in octets: RFC 5322 §2.1.1 has lines of 78 characters, and a name is in one with its colon. */
export const FIELD_NAME_MAX = 77;

const OWN: ReadonlySet<string> = new Set(OWN_FIELDS);

/** Adds every other field of a message's header. `hint`: as `fieldText` takes it. */
export function addNamedFields(bytes: Buffer, { fields, others }: HeaderBlock, reading: Reading, hint: string): void {
  const add = (name: string, place: Place): void => {
    if (OWN.has(name)) return;
    const kept: string[] = [];
    reading.add(readableText(bytes, place, reading.flags, hint), kept);
    reading.fields.push({ name, text: kept[0] ?? '' });
  };
  for (const field of fields) add(field.name, field);
  for (const field of others) {
    const { nameStart, nameEnd } = field;
    add(bytes.toString('latin1', nameStart, Math.min(nameEnd, nameStart + FIELD_NAME_MAX)).toLowerCase(), field);
  }
}

type Place = Pick<Field, 'start' | 'end'>;
