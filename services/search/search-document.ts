import type { ParseFlag } from '#kernel';
import type { MailAddress, ParsedAttachment, ParsedMessage } from '#message';
import { DocumentBudget, type DocumentLimits } from './document-budget.ts';
import { BETWEEN, documentText } from './document-text.ts';
import { storedMarks } from './marks.ts';
import { type NamedText, namedTexts } from './named-text.ts';
import { relationMarks } from './relation-marks.ts';

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
  /** What the other fields of its header say, and what its HTML links to: searched behind their names alone. */
  readonly named: readonly NamedText[];
  /** `field:value` of what it has or is, each once, sorted: what `display` does not say. */
  readonly marks: readonly string[];
  readonly display: SearchDisplay;
}

/**
 * What is searched and shown of a message; beyond the limits its words are left out, and it is flagged `text-truncated`.
 * @param size of the whole message in bytes
 */
export function searchDocument(parsed: ParsedMessage, size: number, limits?: DocumentLimits): SearchDocument {
  const budget = new DocumentBudget(limits);
  const named = namedTexts(parsed, budget);
  const columns = columnsOf(parsed, budget);
  const { marks, isWhole } = storedMarks(parsed, budget.isSpent ? [] : relationMarks(parsed, columns));
  const isCut = budget.isSpent || !isWhole || !named.isWhole;
  return {
    columns,
    named: named.texts,
    marks,
    display: {
      subject: parsed.subject,
      from: parsed.from.map(shown),
      to: parsed.to.map(shown),
      date: parsed.date ?? null,
      size,
      attachments: parsed.attachments.map(listed),
      flags: isCut ? [...new Set<ParseFlag>([...parsed.flags, 'text-truncated'])] : parsed.flags,
    },
  };
}

/** What is long comes last: who wrote to whom is searched whatever the body is. */
function columnsOf(parsed: ParsedMessage, budget: DocumentBudget): SearchDocument['columns'] {
  const { carried } = parsed;
  const subject = documentText(parsed.subject, budget);
  const from = addressText([...parsed.from, ...carried.from], budget);
  const to = addressText([...parsed.to, ...carried.to], budget);
  const cc = addressText([...parsed.cc, ...carried.cc], budget);
  const bcc = addressText([...parsed.bcc, ...carried.bcc], budget);
  const others = joined([...addressTexts([...parsed.sender, ...parsed.replyTo]), ...parsed.notes], budget);
  const fileNames = parsed.attachments.flatMap(({ name, otherName = '' }) => [name, otherName]);
  const names = joined(fileNames, budget);
  const body = documentText(parsed.body, budget);
  const texts = parsed.attachments.map((attachment) => attachment.text);
  return { subject, body, from, to, cc, bcc, others, names, attachments: joined(texts, budget) };
}

function joined(texts: readonly string[], budget: DocumentBudget): string {
  return texts
    .map((text) => documentText(text, budget))
    .filter((text) => text !== '')
    .join(BETWEEN);
}

/** Name and address of one person are apart as well: a name that ends in "john" and the address doe@… are no "john doe". */
function addressText(addresses: readonly MailAddress[], budget: DocumentBudget): string {
  return joined(addressTexts(addresses), budget);
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
