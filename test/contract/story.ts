import type { SearchDocument } from '#search';
import { address, documentOf } from './search-document.ts';

export const day = (text: string): number => Date.parse(`${text}T12:00:00Z`);

/** The messages that the contract of search indexes is about. */
export const story: readonly SearchDocument[] = [
  documentOf({
    subject: 'Quarterly audit',
    from: [address('Ada Byron <ada@north.example>')],
    to: [address('bo@south.example')],
    body: 'The auditors will come. Please shred nothing.',
    messageIds: ['Q1@north.example'],
    references: ['Q0@north.example'],
    fields: [{ name: 'x-mailer', text: 'Outlook Express' }],
    links: ['https://www.evil.example/path?to=Ada', 'mailto:bo@south.example'],
    traits: ['html'],
    date: day('2001-10-05'),
  }),
  documentOf({
    subject: 'Re: Quarterly audit',
    from: [address('bo@south.example')],
    cc: [address('Ada Byron <ada@north.example>')],
    bcc: [address('Eve <eve@west.example>')],
    body: 'Nothing was shredded.',
    fields: [
      { name: 'x-mailer', text: 'Express' },
      { name: 'x-mailer', text: 'The Bat!' },
      { name: 'x-empty', text: ' -- ' },
    ],
    links: ['https://safe.example/?url=https%253A%252F%252Fhidden.example%252F'],
    date: day('2001-10-20'),
    attachments: [
      { name: 'ledger-2001.csv', mediaType: 'text/csv', size: 10, text: 'power contract' },
      { name: 'notes.txt', mediaType: 'text/plain', size: 10, text: 'price of gas' },
    ],
  }),
  documentOf({
    subject: 'Mittagessen',
    body: 'Grüße aus Köln, 東京 और दिल्ली',
    fields: [{ name: 'x-mailers', text: 'Outlook' }],
    date: day('2003-01-01'),
    flags: ['text-truncated', 'no-message-id'],
  }),
  documentOf({ subject: 'no date', body: 'please audit' }),
  documentOf({ subject: 'far future', body: 'please', date: Date.parse('+060056-01-01T00:00:00Z') }),
  documentOf({ subject: 'long ago', body: 'please', date: Date.parse('0002-01-01T00:00:00Z') }),
];
