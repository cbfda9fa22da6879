import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { headerText, messageText, parseMessage, splitHeader } from '../../../services/message/index.ts';

const VALID = Buffer.from(
  [
    'From: "Doe, Jane" <jane@example.org>',
    'To: Team: a@example.org, =?utf-8?Q?B=C3=B6b?= <b@example.org>;',
    'Subject: =?iso-2022-jp?B?GyRCJUYbKEI=?= folded',
    ' subject',
    'Date: Mon, 14 May 2001 16:39:00 -0700 (PDT)',
    'Message-ID: <1@example.org>',
    'Content-Type: multipart/mixed; boundary="b1"',
    '',
    '--b1',
    'Content-Type: multipart/alternative; boundary=b2',
    '',
    '--b2',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'caf=C3=A9 and so=',
    'on',
    '--b2',
    'Content-Type: text/html',
    '',
    '<p>caf&eacute; <img alt="picture"></p><style>x</style>',
    '--b2--',
    '--b1',
    'Content-Type: message/rfc822',
    '',
    'Subject: inner',
    '',
    'begin 644 x.txt',
    '#0V%T',
    'end',
    '--b1',
    "Content-Type: text/csv; name*0*=utf-8''a%20; name*1=b.csv",
    'Content-Transfer-Encoding: base64',
    '',
    'YSxiCg==',
    '--b1--',
    '',
  ].join('\r\n'),
);

/** Pieces that mean something to the reader. */
const token = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  '\0',
  '--b1',
  '--b1--',
  '--b2',
  '\r\n\r\n',
  ': ',
  '=?',
  '?=',
  '=?utf-8?B?',
  '"',
  '<',
  '>',
  '(',
  ')',
  ';',

  'Content-Type: multipart/mixed; boundary=b1\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'From ',
  'begin 644 a\n',
  'end\n',
  '<!--',
  '<style>',
  '&#x110000;',
  '=',
  '\x1b$B',
  '\xff\xfe',
  '*0*=',
  "''",
  '%',
);

const mutated = fc
  .array(fc.record({ at: fc.nat(VALID.length), cut: fc.nat(40), put: fc.oneof(token, fc.string({ maxLength: 8 })) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((edits) => {
    let bytes = VALID;
    for (const { at, cut, put } of edits) {
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(put, 'latin1'), bytes.subarray(at + cut)]);
    }
    return bytes;
  });

const soup = fc.array(token, { maxLength: 60 }).map((tokens) => Buffer.from(tokens.join(''), 'latin1'));
const octets = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));

function checkAll(bytes: Buffer): void {
  const before = Buffer.from(bytes);
  const parsed = parseMessage(bytes);
  expect(parsed.flags).not.toContain('parse-failed');
  expect(parseMessage(Buffer.from(bytes))).toEqual(parsed);
  expect(bytes.equals(before)).toBe(true);
  expect(messageText(parsed).endsWith('\n')).toBe(true);
  const { headerBytes, bodyOffset } = splitHeader(bytes);
  expect(headerBytes.length).toBeLessThanOrEqual(bodyOffset);
  expect(bodyOffset).toBeLessThanOrEqual(bytes.length);
  expect(headerText(bytes)).not.toContain('\r');
}

describe('invariant 6: whatever the octets are, a result comes back, and always the same', () => {
  test('valid mail with pieces cut out and put in', () => {
    fc.assert(fc.property(mutated, checkAll), { seed: 20_261_123, numRuns: 3000 });
  });

  test('pieces of mail in any order', () => {
    fc.assert(fc.property(soup, checkAll), { seed: 20_261_123, numRuns: 1500 });
  });

  test('any octets', () => {
    fc.assert(fc.property(octets, checkAll), { seed: 20_261_123, numRuns: 500 });
  });

  test('every prefix of a message', () => {
    for (let length = 0; length <= VALID.length; length++) checkAll(VALID.subarray(0, length));
  });

  test('small budgets hold for any message', () => {
    const budget = { parts: 3, depth: 2, headerBytes: 60, headerFields: 3, textLength: 100, messageBytes: 700 };
    fc.assert(
      fc.property(mutated, (bytes) => {
        const { body, attachments, flags } = parseMessage(bytes, budget);
        expect(flags).not.toContain('parse-failed');
        // Texts are joined with one character each.
        const length = body.length + attachments.reduce((sum, { text }) => sum + text.length, 0);
        expect(length).toBeLessThanOrEqual(budget.textLength + 50);
      }),
      { seed: 20_261_123, numRuns: 1000 },
    );
  });
});
