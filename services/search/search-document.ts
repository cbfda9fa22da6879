import type { MailAddress, ParsedAttachment, ParsedMessage, ParseFlag } from '#message';
import { BETWEEN, documentText } from './document-text.ts';

/** The columns that engines index, in the order they are stored. All text in them is analysed. */
export const searchColumns = ['subject', 'body', 'from', 'to', 'cc', 'bcc', 'others', 'names', 'attachments'] as const;

export type SearchColumn = (typeof searchColumns)[number];

/** What a list of hits shows of a message, as it was written. */
export interface SearchDisplay {
  readonly subject: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** The Date field, milliseconds since 1970; null where absent or unreadable. */
  readonly date: number | null;
  /** Of the whole message, in bytes. */
  readonly size: number;
  readonly attachments: readonly { readonly name: string; readonly size: number }[];
  readonly flags: readonly ParseFlag[];
}

/** Everything that the index knows of one message. */
export interface SearchDocument {
  /**
   * Tokens joined by one space. `from`, `to`, `cc` and `bcc` include who resent, carried and got it. `others`: Sender, Reply-To,
   * comments, keywords and descriptions of parts. `names`: file names.
   */
  readonly columns: Readonly<Record<SearchColumn, string>>;
  readonly display: SearchDisplay;
}

/** @param size of the whole message in bytes */
export function searchDocument(parsed: ParsedMessage, size: number): SearchDocument {
  const { carried } = parsed;
  return {
    columns: {
      subject: documentText(parsed.subject),
      body: documentText(parsed.body),
      from: addressText([...parsed.from, ...carried.from]),
      to: addressText([...parsed.to, ...carried.to]),
      cc: addressText([...parsed.cc, ...carried.cc]),
      bcc: addressText([...parsed.bcc, ...carried.bcc]),
      others: joined([...addressTexts([...parsed.sender, ...parsed.replyTo]), ...parsed.notes]),
      names: joined(parsed.attachments.flatMap(({ name, otherName = '' }) => [name, otherName])),
      attachments: joined(parsed.attachments.map((attachment) => attachment.text)),
    },
    display: {
      subject: parsed.subject,
      from: parsed.from.map(shown),
      to: parsed.to.map(shown),
      date: parsed.date ?? null,
      size,
      attachments: parsed.attachments.map(listed),
      flags: parsed.flags,
    },
  };
}

function joined(texts: readonly string[]): string {
  return texts
    .map(documentText)
    .filter((text) => text !== '')
    .join(BETWEEN);
}

/** Name and address of one person are apart as well: a name that ends in "john" and the address doe@… are no "john doe". */
function addressText(addresses: readonly MailAddress[]): string {
  return joined(addressTexts(addresses));
}

function addressTexts(addresses: readonly MailAddress[]): string[] {
  return addresses.flatMap(({ name, address, comment = '' }) => [name, address, comment]);
}

function shown({ name, address }: MailAddress): string {
  if (name === '') return address;
  return address === '' ? name : `${name} <${address}>`;
}

function listed({ name, size }: ParsedAttachment): { name: string; size: number } {
  return { name, size };
}
