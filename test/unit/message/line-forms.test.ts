import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '../../../services/message/index.ts';

function read(type: string, content: Buffer | string, more = '') {
  const head = `Subject: s\r\nMessage-ID: <1@x.example>\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\nContent-Type: ${type}\r\n`;
  return parseMessage(
    Buffer.concat([Buffer.from(`From: ann@x.example\r\n${head}${more}\r\n`), Buffer.from(content as string)]),
  );
}

const base64 = 'Content-Transfer-Encoding: base64\r\n';
const inBase64 = (bytes: Buffer) => bytes.toString('base64');

describe('text as its reader sees it', () => {
  test.each([
    [
      'text/calendar',
      'SUMMARY:the he\r\n ron\\nin the\r\n\t harbour\\, at 5',
      'SUMMARY:the heron\nin the harbour, at 5',
    ],
    ['application/ics', 'SUMMARY:the he\n ron', 'SUMMARY:the heron'],
    ['text/vcard', 'NOTE:a\\\\nb\r\n  c', 'NOTE:a\\nb c'],
    ['application/octet-stream; name=a.vcf', 'NOTE:the he\r\n ron', 'NOTE:the heron'],
  ])('lines of a calendar or card are unfolded: %s %j', (type, content, seen) => {
    const { attachments } = read(type, content);
    expect(attachments.map(({ text }) => text)).toEqual([seen]);
  });

  test.each([
    ['application/json', String.raw`{"a":"Z\u00fcrich\nheron \u005c\/ \\u00fc"}`, '{"a":"Zürich\nheron \\/ \\u00fc"}'],
    ['application/octet-stream; name=a.json', String.raw`"\ud83d\ude00"`, '"😀"'],
    ['application/ld+json', String.raw`"h\u0065ron"`, '"heron"'],
    [
      'text/xml',
      '<a b="h&#101;ron">Z&#xFC;rich &amp; &eacute;t&eacute; &nonsuch; &#99999999;</a>',
      '<a b="heron">Zürich & été &nonsuch; &#99999999;</a>',
    ],
    ['image/svg+xml', '<text>h&#x65;ron</text>', '<text>heron</text>'],
    [
      'application/xml',
      '<?xml version="1.0" encoding="koi8-r"?><a>\xc3\xc1\xd0\xcc\xd1</a>',
      '<?xml version="1.0" encoding="koi8-r"?><a>цапля</a>',
    ],
    [
      'text/vcard',
      'N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:the=20h=\r\ner=\r\non=C3=BC\r\nTEL:1',
      'N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:the heronü\nTEL:1',
    ],
    ['text/x-vcard', 'NOTE;QUOTED-PRINTABLE:h=65ron', 'NOTE;QUOTED-PRINTABLE:heron'],
  ])('signs for characters are read as these: %s %j', (type, content, seen) => {
    const { attachments, flags } = read(type, Buffer.from(content, content.includes('koi8') ? 'latin1' : 'utf8'));
    expect(attachments.map(({ text }) => text)).toEqual([seen]);
    expect(flags).toEqual([]);
  });

  test.each([
    ['the he \r\nron', 'the heron'],
    ['the  \r\nheron', 'the heron'],
    ['> the he \r\n> ron\r\n>> he \r\nron', '> the heron\n>> he\nron'],
    ['Ann \r\n-- \r\nheron', 'Ann-- \nheron'],
  ])('flowed lines whose last space is deleted: %j', (content, seen) => {
    expect(read('text/plain; format=Flowed; DelSp=Yes', content).body).toBe(seen);
    expect(read('text/plain; format=flowed', content).body).toBe(content);
  });

  test.each([
    ['text/html', Buffer.from('\ufeff<p>heron</p>', 'utf16le')],
    ['text/plain; charset=us-ascii', Buffer.from('\ufeffheron', 'utf16le')],
    ['text/plain', Buffer.from('\ufeffheron', 'utf16le').swap16()],
    ['text/plain; charset=utf-32', Buffer.from('fffe00006800000065000000720000006f0000006e000000', 'hex')],
  ])('a byte order mark says the charset: %s', (type, bytes) => {
    expect(read(type, inBase64(bytes), base64)).toMatchObject({ body: 'heron', flags: [] });
  });

  test.each([
    [
      'text/plain',
      inBase64(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x2b, 0xc9, 0x48, 0x55, 0xc8, 0x48, 0x2d])),
    ],
    [
      'text/plain; name=a.zip',
      inBase64(Buffer.from('PK\u0003\u0004 and so on, and so on, and so on, and so on, and so on')),
    ],
    ['application/rtf', inBase64(Buffer.from('{\\rtf1 the he\\b ron}'))],
    ['text/plain; charset=utf-8', inBase64(Buffer.from('436166c3a920c3a92067fc', 'hex'))],
    ['text/plain; charset=gbk', inBase64(Buffer.from([0x61, 0xff, 0x20, 0x62]))],
  ])('what calls itself text and is none, or not all, is flagged: %s', (type, content) => {
    expect(read(type, content, base64).flags).toContain('unreadable-text');
  });

  test.each([
    ['text/plain', 'a form feed \f and one stray control \u0001 in a text that is long enough to be nothing else'],
    ['text/plain; charset=utf-8', inBase64(Buffer.from('Zürich, ein Café'))],
  ])('other text is not: %s', (type, content) => {
    expect(read(type, content, content.includes(' ') ? '' : base64).flags).toEqual([]);
  });
});

describe('what else stands in the way of words', () => {
  const read = (head: string, body: string) => parseMessage(Buffer.from(`${head}\n\n${body}`));

  test.each([
    ['tags of XML', 'Content-Type: application/xml', '<w><t>Ok</t><t>oye</t></w>', 'Okoye'],
    ['CDATA in XML', 'Content-Type: application/xml', '<w>Ok<![CDATA[oye]]></w>', 'Okoye'],
    ['base64 of vCard 3', 'Content-Type: text/vcard', 'NOTE;ENCODING=b:T2tv\n eWU=\n', 'NOTE;ENCODING=b:Okoye'],
    ['base64 of iCalendar', 'Content-Type: text/calendar', 'X;VALUE=BINARY;ENCODING=BASE64:T2tveWU=\n', ':Okoye'],
    ['a picture stays', 'Content-Type: text/vcard', 'PHOTO;ENCODING=b:/9j/4AAQ\n', '/9j/4AAQ'],
  ])('%s', (_, head, body, text) => {
    expect(read(head, body).attachments[0]?.text).toContain(text);
  });

  test('both names are kept where an extended one says something else', () => {
    const head = `Content-Type: application/pdf; name=c.pdf\nContent-Disposition: attachment; filename=a.pdf; filename*=utf-8''b.pdf`;
    expect(read(head, 'x').attachments[0]).toMatchObject({ name: 'b.pdf', otherName: 'c.pdf or a.pdf' });
  });

  test('a quoted pair in a local part is the character behind it', () => {
    for (const from of ['"vic\\tim"@v.example', 'Ann <"vic\\tim"@v.example>', '<vic\\tim@v.example>'])
      expect(read(`From: ${from}`, '').from[0]?.address.replaceAll('"', '')).toBe('victim@v.example');
  });

  test('what an XML text declares for itself is not read, and said', () => {
    const xml = '<!DOCTYPE w [<!ENTITY a "Okoye">]><w>&a;</w>';
    expect(read('Content-Type: application/xml', xml).flags).toContain('unreadable-text');
    expect(read('Content-Type: application/xml', '<!DOCTYPE w><w>a</w>').flags).not.toContain('unreadable-text');
  });

  test('comments within angle brackets are kept', () => {
    expect(read('From: Ann <okoye(the second)@x.example>', '').from).toEqual([
      { name: 'Ann', address: 'okoye@x.example', comment: 'the second' },
    ]);
  });

  test('a uuencoded message in a text is read as a message', () => {
    const inner = Buffer.from('Subject: =?utf-8?b?T2tveWU=?=\n\nbody\n');
    const encoded = `begin-base64 644 a.eml\n${inner.toString('base64')}\n====\n`;
    expect(read('Subject: x', `see\n${encoded}`).attachments[0]?.text).toContain('Okoye');
  });

  test.each([
    ['angle brackets', 'application/xml', 'a<'.repeat(1_000_000)],
    ['tags', 'application/xml', `a${'<b>'.repeat(700_000)}`],
    ['CDATA', 'application/xml', '<![CDATA['.repeat(200_000)],
    ['encodings', 'text/vcard', ';encoding=b'.repeat(200_000)],
    ['encoded values', 'text/vcard', `A;b:${'A'.repeat(2_000_000)}!`],
  ])('%s without end take linear time', (_, type, body) => {
    const before = process.cpuUsage();
    read(`Content-Type: ${type}`, body);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(3_000_000);
  });
});
