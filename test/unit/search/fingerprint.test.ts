import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '#message';
import { searchDocument } from '#search';
import { baseSubject } from '../../../services/search/base-subject.ts';

const original =
  'From: Ann <Ann@Example.org>\r\nTo: bob@example.org\r\nSubject: Plan B\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n' +
  'Message-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThe body, in two\r\nlines.\r\n' +
  '--b\r\nContent-Type: text/csv; name=t.csv\r\n\r\na,b\r\n' +
  '--b\r\nContent-Type: application/pdf; name=t.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n';

function marksOf(text: string): readonly string[] {
  return searchDocument(parseMessage(Buffer.from(text)), text.length).marks;
}

function fingerprintOf(text: string): string | undefined {
  return marksOf(text).find((mark) => mark.startsWith('fingerprint:'));
}

describe('the fingerprint', () => {
  test('is the same for copies that differ in transport, recipients, wrapping and line ends', () => {
    const copy = original
      .replace('Message-ID: <1@x>', 'Message-ID: <2@y>\r\nReceived: from somewhere')
      .replace('Ann <Ann@Example.org>', 'ann@example.org')
      .replace('To: bob@example.org', 'To: bob@example.org\r\nBcc: eve@example.org')
      .replace('16:39:00 -0700', '23:39:00 GMT')
      .replace('in two\r\nlines', 'in two lines')
      .replaceAll('\r\n', '\n');
    expect(fingerprintOf(copy)).toBe(fingerprintOf(original));
    expect(fingerprintOf(original)).toMatch(/^fingerprint:[0-9a-f]{32}$/u);
  });

  test.each([
    ['sender', 'Ann@Example.org', 'eve@example.org'],
    ['date', '16:39:00', '16:39:01'],
    ['subject', 'Plan B', 'Plan C'],
    ['body', 'two', 'three'],
    ['file name', 't.csv', 'u.csv'],
    ['attached text', 'a,b', 'a,c'],
    ['recipient', 'bob@example.org', 'eve@example.org'],
    ['sign', 'The body', 'The -body'],
    ['sign in place of another', 'in two', 'in two👍'],
    ['name of an attachment’s kind', 'application/pdf', 'image/png'],
    ['length of a file that is not looked into', 'AAAA', 'AAAAAAAA'],
  ])('differs with another %s', (_name, from, to) => {
    expect(fingerprintOf(original.replace(from, to))).not.toBe(fingerprintOf(original));
  });

  test.each([
    ['without a date', original.replace('Date', 'Then')],
    [
      'with a file in its text',
      original
        .replace('The body', '<svg></svg>')
        .replace('\r\n\r\nThe', '\r\n\r\nThe')
        .replace('--b\r\n\r\n', '--b\r\nContent-Type: text/html\r\n\r\n'),
    ],
    ['with a time of nobody knows where', original.replace('-0700', 'XYZ')],
    ['that is encrypted', original.replace('multipart/mixed', 'application/pkcs7-mime')],
    [
      'with letters that nobody can read',
      original.replace('text/csv', 'text/csv; charset=utf-8').replace('a,b', '\xff'),
    ],
  ])('of a message %s is unknown: it is nobody’s copy', (_name, text) => {
    expect(searchDocument(parseMessage(Buffer.from(text, 'latin1')), 1).marks.join()).not.toContain('fingerprint:');
  });

  test('tells people without addresses, and links, from others', () => {
    const from = (name: string) => fingerprintOf(original.replace('Ann <Ann@Example.org>', name));
    expect(new Set(['Alice', 'Bob', '"Bob Smith"', 'a@x, b@x', 'a@x', ''].map(from)).size).toBe(6);
    const link = (host: string) =>
      fingerprintOf(
        `Date: Mon, 14 May 2001 16:39:00 -0700\r\nContent-Type: text/html\r\n\r\n<a href="//${host}">x</a>`,
      );
    expect(link('good.example')).not.toBe(link('evil.example'));
  });

  test('of a long text is that of all of it', () => {
    const long = (end: string) => original.replace('The body', `${'word '.repeat(40_000)}${end}`);
    expect(fingerprintOf(long('a'))).toBe(fingerprintOf(long('a ')));
    expect(fingerprintOf(long('a'))).not.toBe(fingerprintOf(long('b')));
  });

  test('of a run of marks of 4 MB is computed (invariant 33)', () => {
    const marks = '\u0323\u0301';
    const dated = 'Date: Mon, 14 May 2001 16:39:00 -0700\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n';
    expect(fingerprintOf(`${dated}a${marks.repeat(1_000_000)}b`)).toMatch(/^fingerprint:/u);
  });
});

describe('the base of a subject (RFC 5256 §2.1)', () => {
  test.each([
    ['Plan B', 'Plan B', false],
    ['Re: Plan B', 'Plan B', true],
    ['RE : AW: Fwd: WG:  Plan\tB ', 'Plan B', true],
    ['Re[2]: Plan B', 'Plan B', true],
    ['Re^3: SV: R: I: Plan B', 'Plan B', true],
    ['回复：Re: Plan B', 'Plan B', true],
    ['[list] Re: [list] Plan B', 'Plan B', true],
    ['[list] Plan B', 'Plan B', false],
    ['[list]', '[list]', false],
    ['Plan B (fwd)', 'Plan B', true],
    ['[Fwd: Re: Plan B]', 'Plan B', true],
    ['Re:', '', true],
    ['Regarding: Plan B', 'Regarding: Plan B', false],
    ['Report: Plan B', 'Report: Plan B', false],
    ['', '', false],
  ])('of %j is %j', (subject, text, isAnswer) => {
    expect(baseSubject(subject)).toEqual({ text, isAnswer });
  });

  test('is the topic, whatever its capitals; without words there is none', () => {
    const topicOf = (subject: string) =>
      marksOf(`Subject: ${subject}\r\n\r\nx`).find((mark) => mark.startsWith('topic:'));
    expect(topicOf('Re: PLAN b.')).toBe(topicOf('Plan B'));
    expect(topicOf('Plan B')).toMatch(/^topic:[0-9a-f]{16}$/u);
    expect([topicOf('Re:'), topicOf(''), topicOf('Fwd: Re: !')]).toEqual([undefined, undefined, undefined]);
  });

  test('is found in time that the length bounds', () => {
    for (const subject of ['Re:'.repeat(100_000), '['.repeat(100_000), '[a]'.repeat(100_000), ' \t'.repeat(100_000)]) {
      expect(baseSubject(subject).text.length).toBeLessThan(999);
    }
  });
});

test('what is no Message-ID is no reference', () => {
  const header =
    'From: Ann <a@x>\r\nTo: bob@x\r\nIn-Reply-To: Message from Bob <Bob@x> of "Mon"\r\nReferences: undefined <@> null <1@x>\r\n\r\n';
  expect(marksOf(header).filter((mark) => mark.startsWith('reference:'))).toEqual(['reference:1@x']);
});

test('each message that is referred to is a mark, as often as it is named', () => {
  const header = 'In-Reply-To: <A@x>\r\nReferences: <a@x> <b@x>\r\n <c@x>\r\nMessage-ID: <d@x>\r\n\r\n';
  expect(marksOf(header).filter((mark) => mark.startsWith('reference:'))).toEqual([
    'reference:a@x',
    'reference:b@x',
    'reference:c@x',
  ]);
});
