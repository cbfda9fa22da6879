import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '../../../services/message/index.ts';

const head = 'From: ann@x.example\r\nMessage-ID: <1@x.example>\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n';

/** A message whose content is sent in base64. */
function read(type: string, content: Buffer | string) {
  const encoded = Buffer.from(content as string).toString('base64');
  return parseMessage(
    Buffer.from(`${head}Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n`),
  );
}

const koi8 = Buffer.from('c3c1d0ccd1', 'hex');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('words in a charset that had to be guessed', () => {
  test.each([
    ['text/plain', koi8],
    ['text/plain; charset=us-ascii', koi8],
    ['text/plain; charset=x-nobody-knows', koi8],
    ['text/plain; charset=utf-8', Buffer.from('Z\xfcrich, M\xfcnchen', 'latin1')],
    ['text/plain; name=a.txt', koi8],
  ])('are flagged: %s', (type, bytes) => {
    expect(read(type, bytes).flags).toContain('unreadable-text');
  });

  test('are flagged in a header', () => {
    const message = Buffer.concat([Buffer.from('Subject: '), koi8, Buffer.from(`\r\n${head}\r\nbody`)]);
    expect(parseMessage(message).flags).toContain('unreadable-text');
  });

  test.each([
    ['utf-16', utf16('the heron')],
    ['utf-16', utf16('the heron').swap16()],
    ['ucs-2', utf16('цапля, heron\r\n')],
    ['ucs-2', utf16('цапля, heron\r\n').swap16()],
    ['utf-16be', utf16('the heron').swap16()],
  ])('UTF-16 without a byte order mark is read in the order that makes sense: %s', (charset, bytes) => {
    const { body, flags } = read(`text/plain; charset=${charset}`, bytes);
    expect(body).toContain('heron');
    expect(flags).toEqual([]);
  });

  test.each([
    ['utf-16', utf16('鷺')],
    ['utf-16be', utf16('the heron')],
  ])('UTF-16 that makes sense in both orders or in none is flagged: %s', (charset, bytes) => {
    expect(read(`text/plain; charset=${charset}`, bytes).flags).toContain('unreadable-text');
  });
});

describe('what calls itself text', () => {
  const armour = '-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n';

  test.each(['text/plain; name=a.txt', 'application/octet-stream; name=a.txt', 'text/html'])(
    'is encrypted where it is an armoured message: %s',
    (type) => {
      expect(read(type, `see\n${armour}`).flags).toContain('encrypted');
      const attached = `--b\r\n\r\nsee\r\n--b\r\nContent-Type: ${type}\r\n\r\n${armour}\r\n--b--`;
      expect(
        parseMessage(Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${attached}`)).flags,
      ).toContain('encrypted');
    },
  );

  test.each([
    ['OLE', 'd0cf11e0a1b11ae1'],
    ['7z', '377abcaf271c'],
    ['RAR', '526172211a0700'],
    ['bzip2', '425a6839314159265359'],
    ['xz', 'fd377a585a00'],
    ['Java', 'cafebabe'],
  ])('and is a file of another kind is flagged: %s', (_, start) => {
    const bytes = Buffer.concat([Buffer.from(start, 'hex'), Buffer.from(' and words of a text'.repeat(20))]);
    for (const type of ['text/plain; charset=iso-8859-15', 'text/plain; charset=koi8-r; name=a.txt'])
      expect(read(type, bytes).flags).toContain('unreadable-text');
  });
});

describe('files within a text', () => {
  const plain = (body: string) => parseMessage(Buffer.from(`${head}\r\n${body}`));

  test.each([
    'begin 644 cat.txt\r\n#0V%T\r\n`\r\nend  \r\n',
    'begin-base64 644 cat.txt\r\nQ2F0\r\n====\r\n',
    'begin-base64 644 cat.txt\nQ2F0==\n==== \n',
  ])('are read: %j', (file) => {
    for (const [type, where] of [
      ['', 0],
      ['Content-Type: text/plain; name=a.log\r\nContent-Disposition: attachment\r\n', 1],
    ] as const) {
      const { attachments, body, flags } = parseMessage(Buffer.from(`${head}${type}\r\nbefore\r\n${file}after`));
      expect(attachments[where]).toMatchObject({ name: 'cat.txt', text: 'Cat' });
      expect(where === 0 ? body : attachments[0]?.text).toBe('before\r\nafter');
      expect(flags).toEqual([]);
    }
  });

  test.each([
    'begin 644 cat.txt\r\n#0V%T\r\n',
    'begin 644 cat.txt\r\n#0V%T\r\n`\r\nand so on and on and on\r\n',
    'begin-base64 644 cat.txt\r\nQ2F0\r\n',
    '=ybegin line=128 size=3 name=cat.txt\r\nabc\r\n=yend size=3\r\n',
    'see\r\n=ybegin part=1 line=128 size=3 name=cat.txt\r\nabc',
    '(This file must be converted with BinHex 4.0)\r\n:abc:',
  ])('that cannot be read are flagged: %j', (body) => {
    expect(plain(body).flags).toContain('unreadable-text');
    expect(plain(body).body).toBe(body);
  });

  test.each(['begin 644 is how it starts\r\nbut it goes on', 'beginning', '=ybegin is how yEnc starts'])(
    'are not seen in sentences: %j',
    (body) => expect(plain(body)).toMatchObject({ body, flags: [] }),
  );
});

test.each(['{\\rtf1 the he\\b ron}', '=ybegin line=128 size=3 name=cat.txt\r\nabc'])(
  'what is no text is flagged where it stands outside the structure as well: %j',
  (content) => {
    const epilogue = `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n--b--\r\n${content}`;
    for (const message of [content, epilogue])
      expect(parseMessage(Buffer.from(message)).flags).toContain('unreadable-text');
  },
);

test('both names of a file are kept where they differ', () => {
  const named = 'Content-Type: text/csv; name="heron.csv"\r\nContent-Disposition: attachment; filename=';
  const [other] = parseMessage(Buffer.from(`${head}${named}"egret.csv"\r\n\r\na`)).attachments;
  expect(other).toMatchObject({ name: 'egret.csv', otherName: 'heron.csv' });
  const [same] = parseMessage(Buffer.from(`${head}${named}"heron.csv"\r\n\r\na`)).attachments;
  expect(same).toEqual({ name: 'heron.csv', mediaType: 'text/csv', size: 1, text: 'a' });
});

test('commands of enriched text split no words', () => {
  const said = 'he<bold>r</bold>on <<b> e<color><param>red</param>gr</color>et';
  expect(read('text/enriched', said).body).toBe('heron <b> egret\nred');
  expect(read('text/richtext', 'he<bold>r</bold>on<nl>egret').body).toBe('heron\negret');
});
