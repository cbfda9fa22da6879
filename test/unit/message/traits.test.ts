import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '#message';

function mail(header: string, body = 'text'): Buffer {
  return Buffer.from(
    `From: a@north.example\r\n${header.replaceAll('\n', '\r\n')}\r\n\r\n${body.replaceAll('\n', '\r\n')}\r\n`,
  );
}

function multipart(type: string, ...parts: readonly string[]): Buffer {
  const body = parts.map((part) => `--b\n${part}\n`).join('');
  return mail(`MIME-Version: 1.0\nContent-Type: ${type}; boundary=b`, `${body}--b--`);
}

const html = 'Content-Type: text/html\n\n<p>text</p>';
const plain = 'Content-Type: text/plain\n\ntext';
const calendar = 'Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR';
const status = 'Content-Type: message/delivery-status\n\nAction: failed';
const pdf = 'Content-Type: application/pdf; name=a.pdf\n\n%PDF';
const signature =
  'Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nAAAA';
const attached = (content: string) => `Content-Type: message/rfc822\n\n${content}`;

describe('the traits of a message', () => {
  test.each<[string, Buffer, readonly string[]]>([
    ['plain text', mail('Subject: a'), []],
    ['HTML', mail('Content-Type: text/html', '<p>text</p>'), ['html']],
    ['HTML beside text', multipart('multipart/alternative', plain, html), ['html']],
    [
      'an HTML file that is attached',
      multipart('multipart/mixed', plain, `Content-Disposition: attachment; filename=a.html\n${html}`),
      [],
    ],
    [
      'a signature beside the text',
      multipart('multipart/signed; protocol="application/pkcs7-signature"', plain, signature),
      ['signature'],
    ],
    [
      'a PGP signature',
      multipart('multipart/mixed', plain, 'Content-Type: application/pgp-signature\n\nx'),
      ['signature'],
    ],
    [
      'an opaque signature',
      mail('Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m', 'AAAA'),
      ['signature'],
    ],
    ['an invitation', multipart('multipart/alternative', plain, calendar), ['invitation']],
    ['a report on a delivery', multipart('multipart/report; report-type=delivery-status', plain, status), ['bounce']],
    ['a receipt that it was read', multipart('multipart/report; report-type=disposition-notification', plain), []],
    ['an attached message with HTML', multipart('multipart/mixed', plain, attached(html)), []],
    [
      'a report that is attached',
      multipart(
        'multipart/mixed',
        plain,
        attached('Content-Type: multipart/report; report-type=delivery-status; boundary=c\n\n--c\n\nx\n--c--'),
      ),
      [],
    ],
  ])('%s', (_what, bytes, traits) => {
    expect(parseMessage(bytes).traits).toEqual(traits);
  });

  test.each<[string, string, boolean]>([
    ['a PDF', pdf, true],
    ['text', `Content-Disposition: attachment\n${plain}`, false],
    ['an empty text', 'Content-Disposition: attachment; filename=a.txt\nContent-Type: text/plain\n', false],
    ['a signature', signature, false],
    ['a message', attached(plain), false],
    ['a message in base64', `Content-Transfer-Encoding: base64\n${attached('U3ViamVjdDogYQ0KDQp0ZXh0DQo=')}`, false],
  ])('an attachment that is %s is for its own program alone: %#', (_what, part, isUnread) => {
    const [attachment] = parseMessage(multipart('multipart/mixed', plain, part)).attachments;
    expect(attachment?.unread ?? false).toBe(isUnread);
  });
});
