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

describe('names of charsets', () => {
  test.each(['he-x', 'base-64', 'b_ase64', 'ucs2.hex', 'bin.ary2', 'utf-7-imap', 'hex:1234'])(
    'that are codecs and no charsets count as unknown, wherever they stand: %s',
    (charset) => {
      expect(read(`text/plain; charset="${charset}"`, 'the heron')).toMatchObject({
        body: 'the heron',
        flags: ['unknown-charset'],
      });
      expect(read('text/html', `<meta charset="${charset}"><p>the heron`).body).toBe('the heron');
      const fields = `Subject: =?${charset}?q?the_heron?=\r\nFrom: =?${charset}?q?heron?= <a@b>\r\n`;
      const named = `Content-Type: application/x; name*=${charset}''heron\r\n`;
      const { subject, from, attachments } = parseMessage(Buffer.from(`${fields}${named}\r\nx`));
      expect([subject, from[0]?.name, attachments[0]?.name]).toEqual(['the heron', 'heron', 'heron']);
    },
  );

  test.each(['utf_16', 'utf.16'])('are compared without their signs: %s', (charset) => {
    expect(read(`text/plain; charset=${charset}`, utf16('the heron')).body).toBe('the heron');
    expect(read('text/plain; charset=iso_8859_1', Buffer.from('H\xe9ron', 'latin1')).body).toBe('Héron');
  });

  test.each(['<!-- <meta charset=utf-7> -->', '<script>"<meta charset=utf-7>"</script>', '<meta charset=utf-16>'])(
    'are not declared by %s',
    (start) => expect(read('text/html', `${start}<p>a+heron`).body).toBe('a+heron'),
  );

  test('UTF-7 is read both ways', () => {
    expect(read('text/plain; charset=utf-7', '+AGgAZQByAG8Abg- +egret').body).toMatch(/^heron .*\n.* \+egret$/u);
  });

  test.each(['iso-8859-1', 'windows-1252', 'latin2', 'koi8-r'])('that hide UTF-8 are flagged: %s', (charset) => {
    expect(read(`text/plain; charset=${charset}`, 'the héron').flags).toEqual(['unreadable-text']);
    expect(read(`text/plain; charset=${charset}`, Buffer.from('the h\xe9ron', 'latin1')).flags).toEqual([]);
  });

  test.each(['utf-16', 'utf-16le', 'utf-16be'])('that hide ASCII are flagged: %s', (charset) => {
    expect(read(`text/plain; charset=${charset}`, 'the heron is here now!!').flags).toContain('unreadable-text');
  });

  test.each([
    ['gbk', '81', true],
    ['shift_jis', '83', true],
    ['big5', 'a4', true],
    ['gbk', 'd6d0', false],
    ['shift_jis', '8365835883', false],
    ['big5', 'a4a4a4', false],
  ])('in which an octet takes a letter from an ASCII word are flagged: %s %s', (charset, octets, flagged) => {
    const bytes = Buffer.concat([Buffer.from('a '), Buffer.from(octets, 'hex'), Buffer.from('heron')]);
    expect(read(`text/plain; charset=${charset}`, bytes).flags.includes('unreadable-text')).toBe(flagged);
  });
});

describe('letters in another order', () => {
  test.each(['\u202e', '\u202d'])('are flagged in subjects and names: %j', (override) => {
    const word = `=?utf-8?b?${Buffer.from(`the ${override}noreh`).toString('base64')}?=`;
    for (const field of [`Subject: ${word}`, `From: ${word} <a@b>`, `Content-Type: application/x; name="${word}"`])
      expect(parseMessage(Buffer.from(`${field}\r\n${head}\r\nx`)).flags).toContain('unreadable-text');
    expect(parseMessage(Buffer.from(`Subject: the ${override}noreh\r\n\r\nx`)).flags).toContain('unreadable-text');
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

describe('a part', () => {
  const base64 = Buffer.from('the heron is here').toString('base64');
  const encoded = `Content-Transfer-Encoding: base64\r\n\r\n${base64}`;
  const inPart = (part: string) =>
    parseMessage(Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${part}\r\n--b--\r\n`));

  test.each(['a line that is no field\r\n', ' x\r\n', 'Content-Disposition: inline\r\na line\r\n'])(
    'whose header has a line that is no field is read all the same, and flagged: %j',
    (start) => {
      const { body, flags } = inPart(start + encoded);
      expect(body).toContain('the heron');
      expect(flags).toContain('ambiguous-structure');
    },
  );

  test.each(['no field', ' x', `${'x'.repeat(1500)}\r\nX-Y: z`])(
    'whose header begins with a line that is no field is flagged: %j',
    (start) => expect(inPart(`${start}\r\n\r\nbody`).flags).toEqual(['ambiguous-structure']),
  );

  test.each(['Content-Encoding: base64', 'X-Y: z', 'Content-Type: text/html', 'Content-Type: text/plain; name=a.txt'])(
    'that is base64 all over and does not say so is flagged: %s',
    (field) => {
      expect(inPart(`${field}\r\n\r\n${base64}\r\n${base64}\r\n`).flags).toEqual(['unreadable-text']);
      expect(inPart(`${field}\r\n\r\n${base64} and\r\n${base64}\r\n`).flags).toEqual([]);
    },
  );
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
      // So small a file may be text after all.
      expect(where === 0 ? body : attachments[0]?.text).toBe(`before\r\n${file}after`);
      expect(flags).toEqual([]);
    }
  });

  const line = `M${'0V%T'.repeat(15)}\r\n`;

  test('that are large and just as they should be leave the text, and their words stay with the file', () => {
    const words = `M${'WHERE-THE.HERON-'.repeat(3)}${'0V%T'.repeat(3)}\r\n`;
    const { attachments, body, flags } = plain(
      `before\r\nbegin 644 cat\r\n${words}${line.repeat(30)}\`\r\nend\r\nafter`,
    );
    expect(body).toBe('before\r\nafter');
    expect(attachments[0]).toMatchObject({ name: 'cat', size: 31 * 45 });
    expect(attachments[0]?.text).toContain('HERON');
    expect(flags).toEqual([]);
  });

  test.each([
    ['begin 644 note.txt\r\nthe heron is here\r\nend\r\n', 0],
    ['begin 644 note\r\nTHE HERON\r\nend\r\n', 0],
    ["begin 644 note\r\n'THE-HERON!!!\r\n`\r\nend\r\n", 1],
    ['begin 644 note\r\n$HERON!!!\r\nend\r\n', 1],
    ['begin-base64 644 note\r\nheron\r\n====\r\n', 1],
    [`begin 644 note\r\n${line.repeat(30)}ends with heron here\r\nend\r\n`, 0],
    [`begin 644 note\r\n${line.repeat(30)}4HERON\r\nend\r\n`, 0],
  ])('that are none, or hardly, stay text: %j', (body, files) => {
    const { attachments, ...said } = plain(body);
    expect(said.body).toBe(body);
    expect(attachments).toHaveLength(files);
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
