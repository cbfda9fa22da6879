import { multipart, partBytes, textPart, type Part } from './mime.ts';

/** Messages that no good mail program wrote. Each is one file in one mailbox, byte for byte as given here. */
export interface Oddity {
  readonly custodian: string;
  readonly folder: string;
  /** For the order of the files only: what the message itself says of its date may be anything. */
  readonly at: string;
  readonly bytes: Buffer;
}

const own = 'northmere-spanworks.example';

function lines(...all: readonly string[]): string {
  return all.join('\r\n');
}

function raw(custodian: string, at: string, text: string, folder = 'inbox'): Oddity {
  return { custodian, folder, at, bytes: Buffer.from(text, 'latin1') };
}

function whole(headers: readonly string[], part: Part): string {
  return `${partBytes({ headers: [...headers, 'MIME-Version: 1.0', ...part.headers], body: part.body }).toString('latin1')}\r\n`;
}

const bounce = whole(
  [
    'Return-Path: <>',
    `From: Mail Delivery System <mailer-daemon@${own}>`,
    `To: desmond.okoye@${own}`,
    'Subject: Undelivered Mail Returned to Sender',
    'Date: Tue, 30 Jan 2024 09:12:44 +0000',
    `Message-ID: <bounce.4471@${own}>`,
    'Auto-Submitted: auto-replied',
  ],
  multipart(
    'report; report-type=delivery-status',
    [
      textPart(
        'The message that you sent could not be delivered to one address:\n\n  gregor@veldham-fastenings.example: mailbox is full\n',
        'plain',
        'us-ascii',
        '7bit',
      ),
      {
        headers: ['Content-Type: message/delivery-status'],
        body: Buffer.from(
          lines(
            `Reporting-MTA: dns; mx.${own}`,
            '',
            'Final-Recipient: rfc822; gregor@veldham-fastenings.example',
            'Action: failed',
            'Status: 5.2.2',
            'Diagnostic-Code: smtp; 552 5.2.2 mailbox full',
          ),
        ),
      },
      {
        headers: ['Content-Type: text/rfc822-headers'],
        body: Buffer.from(
          lines(
            `From: Desmond Okoye <desmond.okoye@${own}>`,
            'To: gregor@veldham-fastenings.example',
            'Subject: three nights, not eight',
            'Date: Tue, 30 Jan 2024 09:12:40 +0000',
          ),
        ),
      },
    ],
    'bounce',
  ),
);

const invitation = whole(
  [
    `From: Leonie Vasquez <leonie.vasquez@${own}>`,
    `To: margit.halloran@${own}, priya.nandakumar@${own}, callum.reyes@${own}`,
    'Subject: Invitation: Sallow Ferry, what we know (Thu 11 Apr 2024 10:00)',
    'Date: Wed, 10 Apr 2024 08:05:12 +0100',
    `Message-ID: <invite.88@${own}>`,
  ],
  multipart(
    'alternative',
    [
      textPart(
        'You are invited to: Sallow Ferry, what we know\nThursday 11 April 2024, 10:00, room Tay',
        'plain',
        'utf-8',
        '7bit',
      ),
      {
        headers: ['Content-Type: text/calendar; charset=utf-8; method=REQUEST', 'Content-Transfer-Encoding: 7bit'],
        body: Buffer.from(
          lines(
            'BEGIN:VCALENDAR',
            'PRODID:-//Northmere//Calendar//EN',
            'VERSION:2.0',
            'METHOD:REQUEST',
            'BEGIN:VEVENT',
            `UID:88@${own}`,
            'DTSTAMP:20240410T070512Z',
            'DTSTART:20240411T090000Z',
            'DTEND:20240411T100000Z',
            'SUMMARY:Sallow Ferry\\, what we know',
            'LOCATION:Room Tay',
            `ORGANIZER:mailto:leonie.vasquez@${own}`,
            'END:VEVENT',
            'END:VCALENDAR',
          ),
        ),
      },
    ],
    'invitation',
  ),
);

/** The scanner has no clock battery, gives every scan the same Message-ID, and now and then none. */
function scan(date: string, messageId: string, what: string): string {
  return lines(
    `From: scanner-2@${own}`,
    `To: callum.reyes@${own}`,
    ...(date === '' ? [] : [`Date: ${date}`]),
    ...(messageId === '' ? [] : [`Message-ID: ${messageId}`]),
    `Subject: Scan from second floor`,
    '',
    what,
    '',
  );
}

const prize = lines(
  'From: "Claims Dept." <winner@prize-claims.example>',
  'To: undisclosed-recipients:;',
  'Subject: =?utf-8?Q?=E2=98=85_You_have_WON_a_bridge_=E2=98=85?=',
  'Date: Fri, 13 Oct 2023 03:33:33 -0700',
  'Message-ID: <0000000001@prize-claims.example>',
  'MIME-Version: 1.0',
  'Content-Type: text/html; charset="iso-8859-1"',
  'X-Spam-Flag: YES',
  '',
  '<html><body bgcolor=yellow><h1>CONGRATULATION!!!</h1><p>Dear winner, your mailbox was drawn for a',
  '<b>suspension bridge</b>, value 4.500.000. Pay only the transport.',
  '<a href="http://prize-claims.example/claim?id=1">CLAIM NOW</a></p><img src="http://prize-claims.example/t.gif"></body></html>',
  '',
);

const pills = lines(
  'From: bolts4less@cheap-metal.example',
  `To: desmond.okoye@${own}`,
  'Subject: Grade 12.9 at grade 4.6 prices, certificates any colour',
  'Date: Mon, 19 Feb 2024 23:59:60 +0000',
  'Message-ID: <promo-77@cheap-metal.example>',
  '',
  'Certificates 3.1 and 3.2 printed while you wait. No questions, no furnace.',
  '',
);

export const oddities: readonly Oddity[] = [
  raw('desmond.okoye', '2024-01-30 09:12', bounce),
  ...['margit.halloran', 'priya.nandakumar', 'callum.reyes'].map((custodian) =>
    raw(custodian, '2024-04-10 08:05', invitation),
  ),
  raw(
    'callum.reyes',
    '2023-06-14 10:00',
    scan('Wed, 14 Jun 2023 10:00:00 +0100', `<scan@${own}>`, 'Delivery note, crane, one page.'),
  ),
  raw(
    'callum.reyes',
    '2023-07-03 10:00',
    scan('Mon, 3 Jul 2023 09:12:00 +0100', `<scan@${own}>`, 'Site diary, June, thirty pages.'),
  ),
  raw(
    'callum.reyes',
    '2024-01-24 07:00',
    scan(
      'Thu, 1 Jan 1970 00:00:07 +0000',
      '',
      'Site diary, January, both copies. "15th to 17th: strangers on the deck at night. They say greasing."',
    ),
  ),
  raw('callum.reyes', '2024-01-24 07:01', scan('', '', 'Continued from the page before.')),
  raw('callum.reyes', '2024-02-01 12:00', scan('yesterday, about noon', `<scan@${own}>`, 'Boot invoice.')),
  ...['margit.halloran', 'tobias.renner', 'yuki.tanabe'].map((custodian) =>
    raw(custodian, '2023-10-13 03:33', prize, 'junk'),
  ),
  raw('desmond.okoye', '2024-02-19 23:59', pills, 'junk'),
  raw(
    'leonie.vasquez',
    '2024-05-16 08:00',
    [
      'From: fax-gateway@county-court.example\r\n',
      `To: leonie.vasquez@${own}\r\n`,
      'Date: 16 May 24 08:00 BST\n',
      'Subject: Fax, 2 pages\n',
      'Message-ID: <fax-20240516@county-court.example>\n',
      '\n',
      'The claim of Calder County Council has been entered.\r\n',
      'You have fourteen days.\n',
    ].join(''),
  ),
  raw(
    'margit.halloran',
    '2023-08-09 06:30',
    [
      'From: Aino Harju <aino@harju-vene.example>',
      `To: Margit Halloran <margit.halloran@${own}>`,
      'Date: Wed, 9 Aug 2023 08:30:00 +0300',
      'Subject: Terveisi\xe4 saaresta',
      'Message-ID: <kesa-1@harju-vene.example>',
      '',
      'Hei Margit! M\xf6kki on vapaa marraskuussa. Puhelin ei toimi t\xe4\xe4ll\xe4, onneksi.',
      '',
    ].join('\n'),
  ),
  raw(
    'tobias.renner',
    '2024-04-03 09:41',
    lines(
      `From: Leonie Vasquez <leonie.vasquez@${own}>`,
      `To: Tobias Renner <tobias.renner@${own}>`,
      'Date: Wed, 3 Apr 2024 09:41:10 +0100',
      'Subject: Automatic answer: Re: PRESERVATION NOTICE: Sallow Ferry Bridge - please read and confirm',
      ' today',
      `Message-ID: <auto.1203@${own}>`,
      'Auto-Submitted: auto-replied',
      '',
      'Your confirmation has been recorded. You do not need to do anything, and please do nothing.',
      '',
    ),
  ),
];
