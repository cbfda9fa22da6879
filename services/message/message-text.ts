import type { MailAddress, ParsedAttachment, ParsedMessage } from './parsed-message.ts';

/** A message for a person to read: who, when, what, the body, the attachments with their text, and what could not be read. */
export function messageText(parsed: ParsedMessage): string {
  const head = [
    line('From', addressesText(parsed.from)),
    line('To', addressesText(parsed.to)),
    line('Cc', addressesText(parsed.cc)),
    line('Bcc', addressesText(parsed.bcc)),
    line('Subject', parsed.subject),
    line('Date', parsed.date === undefined ? '' : new Date(parsed.date).toISOString()),
    line('Flags', parsed.flags.join(', ')),
  ].join('');
  const sections = [head, unixLines(parsed.body).trimEnd(), ...parsed.attachments.map(attachmentText)];
  return `${sections.filter((section) => section !== '').join('\n')}\n`;
}

function line(label: string, value: string): string {
  return value === '' ? '' : `${label}: ${value.replace(/[\r\n]+/gu, ' ')}\n`;
}

function addressesText(addresses: readonly MailAddress[]): string {
  return addresses.map(addressText).join(', ');
}

function addressText({ name, address }: MailAddress): string {
  if (address === '') return name;
  return name === '' ? address : `${name} <${address}>`;
}

function attachmentText({ name, otherName, mediaType, size, text }: ParsedAttachment): string {
  const names = otherName === undefined ? name : `${name} or ${otherName}`;
  const title = `[Attachment: ${names === '' ? 'no name' : names}, ${mediaType}, ${size} bytes]`;
  const content = unixLines(text).trimEnd();
  return content === '' ? `\n${title}` : `\n${title}\n${content}`;
}

function unixLines(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/gu, '\n') : text;
}
