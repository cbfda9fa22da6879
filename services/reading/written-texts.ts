import type { MailAddress, ParsedMessage } from '#message';
import { urlTexts, type WrittenText } from '#search';

/** The texts of a message in the columns in which they are searched: first what is short, then body and attachments. */
export function writtenTexts(parsed: ParsedMessage): WrittenText[] {
  const { carried } = parsed;
  const texts: WrittenText[] = [
    { column: 'subject', text: parsed.subject },
    { column: 'from', text: people([...parsed.from, ...carried.from]) },
    { column: 'to', text: people([...parsed.to, ...carried.to]) },
    { column: 'cc', text: people([...parsed.cc, ...carried.cc]) },
    { column: 'bcc', text: people([...parsed.bcc, ...carried.bcc]) },
    { column: 'others', text: [people([...parsed.sender, ...parsed.replyTo]), ...parsed.notes].join('\n') },
    ...parsed.attachments.map(({ name }): WrittenText => ({ column: 'names', text: name })),
    { column: 'body', text: parsed.body },
    ...parsed.attachments.map(({ name, text }): WrittenText => ({ column: 'attachments', name, text })),
    ...parsed.fields.map(({ name, text }): WrittenText => ({ column: `header:${name}`, text })),
    ...parsed.links.flatMap(urlTexts).map((text): WrittenText => ({ column: 'link', text })),
  ];
  return texts.filter(({ text }) => text !== '');
}

function people(addresses: readonly MailAddress[]): string {
  return addresses.map(({ name, address }) => (name === '' ? address : `${name} <${address}>`)).join(', ');
}
